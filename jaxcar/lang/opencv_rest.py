"""What else cv2 has: names that are no slip of the pen, and that no table says more of."""

from __future__ import annotations

_FUNCTIONS = (
    "ALIKED_create ANNIndex_create AffineFeature_create BFMatcher_create CV_16BFC CV_16FC"
    " CV_16SC CV_16UC CV_32FC CV_32SC CV_32UC CV_64FC CV_64SC CV_64UC CV_8SC CV_8UC CV_BoolC"
    " CV_MAKETYPE CamShift DISK_create DISOpticalFlow_create DescriptorMatcher_create EMD"
    " FarnebackOpticalFlow_create FastFeatureDetector_create FlannBasedMatcher_create"
    " GFTTDetector_create HoughCirclesWithAccumulator HoughLinesPointSet"
    " HoughLinesWithAccumulator KeyPoint_convert KeyPoint_overlap LightGlueMatcher_create"
    " MSER_create Mahalanobis Octree_createWithDepth Octree_createWithResolution"
    " PCABackProject PCACompute PCACompute2 PCAProject PSNR QRCodeEncoder_create RQDecomp3x3"
    " RgbdNormals_create Rodrigues SVBackSubst SVDecomp SimpleBlobDetector_create"
    " SparsePyrLKOpticalFlow_create StereoBM_create StereoSGBM_create Stitcher_create"
    " VariationalRefinement_create accumulate accumulateProduct accumulateSquare"
    " accumulateWeighted approxPolyN batchDistance blendLinear borderInterpolate broadcast"
    " buildMST buildOpticalFlowPyramid calcCovarMatrix calibrateCamera calibrateCameraExtended"
    " calibrateCameraRO calibrateCameraROExtended calibrateMultiview"
    " calibrateMultiviewExtended calibrationMatrixValues checkChessboard checkRange clipLine"
    " colorChange completeSymm composeRT computeCorrespondEpilines computeECC"
    " connectedComponentsWithStatsWithAlgorithm convertMaps convertPointsFromHomogeneous"
    " convertPointsToHomogeneous convexityDefects copyTo cornerEigenValsAndVecs"
    " cornerMinEigenVal cornerSubPix correctChromaticAberration correctMatches createAlignMTB"
    " createBackgroundSubtractorKNN createBackgroundSubtractorMOG2 createCalibrateDebevec"
    " createCalibrateRobertson createGeneralizedHoughBallard createGeneralizedHoughGuil"
    " createHanningWindow createLineSegmentDetector createMergeDebevec createMergeMertens"
    " createMergeRobertson createTonemap createTonemapDrago createTonemapMantiuk"
    " createTonemapReinhard cubeRoot cvtColorTwoPlane dct decolor decomposeEssentialMat"
    " decomposeHomographyMat decomposeProjectionMatrix demosaicing denoise_TVL1 depthTo3d"
    " depthTo3dSparse detailEnhance determinant dft distanceTransformWithLabels divSpectrums"
    " drawChessboardCorners drawFrameAxes drawKeypoints drawMarker drawMatches drawMatchesKnn"
    " edgePreservingFilter eigen eigenNonSymmetric ellipse2Poly estimateAffine2D"
    " estimateAffine3D estimateAffinePartial2D estimateChessboardSharpness"
    " estimateTranslation2D estimateTranslation3D fastAtan2 fastNlMeansDenoising"
    " fastNlMeansDenoisingColored fastNlMeansDenoisingColoredMulti fastNlMeansDenoisingMulti"
    " filter2Dp filterHomographyDecompByVisibleRefpoints filterSpeckles find4QuadCornerSubpix"
    " findChessboardCorners findChessboardCornersSB findChessboardCornersSBWithMeta"
    " findCirclesGrid findContoursLinkRuns findEssentialMat findFundamentalMat findHomography"
    " findPlanes findTransformECC findTransformECCMultiScale findTransformECCWithMask"
    " finiteMask fitEllipseAMS fitEllipseDirect fitLine flipND gemm getAffineTransform"
    " getClosestEllipsePoints getDefaultAlgorithmHint getDefaultNewCameraMatrix"
    " getDerivKernels getFontScaleFromHeight getGaborKernel getGaussianKernel"
    " getOptimalDFTSize getOptimalNewCameraMatrix getRectSubPix getTextSize"
    " getValidDisparityROI goodFeaturesToTrackWithQuality hasNonZero idct idft"
    " illuminationChange initCameraMatrix2D initInverseRectificationMap"
    " initUndistortRectifyMap integral integral2 integral3 intersectConvexConvex invert"
    " invertAffineTransform matMulDeriv meanShift minEnclosingConvexPolygon"
    " minEnclosingTriangle mixChannels mulSpectrums mulTransposed patchNaNs pencilSketch"
    " perspectiveTransform phaseCorrelate phaseCorrelateIterative preCornerDetect"
    " projectPoints projectPointsSepJ pyrMeanShiftFiltering recoverPose"
    " rectangleIntersectionArea reduceArgMax reduceArgMin registerCameras"
    " registerCamerasExtended registerDepth repeat reprojectImageTo3D rescaleDepth"
    " rotatedRectangleIntersection sampsonDistance scaleAdd seamlessClone setIdentity solve"
    " solveCubic solveLP solveP3P solvePnP solvePnPGeneric solvePnPRansac solvePnPRefineLM"
    " solvePnPRefineVVS solvePoly sort sortIdx spatialGradient sqrBoxFilter stereoCalibrate"
    " stereoCalibrateExtended stereoRectify stereoRectifyUncalibrated stylization"
    " textureFlattening thresholdWithMask trace transform transposeND triangleRasterize"
    " triangleRasterizeColor triangleRasterizeDepth triangulatePoints undistort"
    " undistortImagePoints undistortPoints validateDisparity warpFrame warpPolar"
)
_OUTSIDE = (
    "DISK_createFromMemory FaceDetectorYN_create FaceRecognizerSF_create"
    " LightGlueMatcher_createFromMemory TrackerDaSiamRPN_create TrackerMIL_create"
    " TrackerNano_create TrackerVit_create UMat_context UMat_queue VideoCapture_waitAny"
    " VideoWriter_fourcc addText checkHardwareSupport createButton currentUIFramework"
    " displayOverlay displayStatusBar dnn_registerLayer dnn_unregisterLayer"
    " getBuildInformation getCPUFeaturesLine getCPUTickCount getHardwareFeatureName"
    " getNumThreads getNumberOfCPUs getThreadNum getTrackbarPos getVersionMajor"
    " getVersionMinor getVersionRevision getVersionString getWindowImageRect getWindowProperty"
    " haveImageReader haveImageWriter imcount imdecodeWithMetadata imdecodeanimation"
    " imdecodemulti imencodeWithMetadata imencodeanimation imencodemulti imreadWithMetadata"
    " imreadanimation imreadmulti imwriteWithMetadata imwriteanimation imwritemulti"
    " loadChromaticAberrationParams loadMesh loadPointCloud moveWindow pollKey randShuffle"
    " readOpticalFlow redirectError resizeWindow saveMesh savePointCloud selectROIs setRNGSeed"
    " setTrackbarMax setTrackbarMin setTrackbarPos setUseOptimized setWindowProperty"
    " setWindowTitle startWindowThread useOptimized waitKeyEx writeOpticalFlow"
)
_CLASSES = (
    "ALIKED ALIKED_Params ANNIndex AffineFeature Algorithm AlignExposures AlignMTB Animation"
    " AsyncArray BFMatcher BackgroundSubtractor BackgroundSubtractorKNN"
    " BackgroundSubtractorMOG2 CLAHE CalibrateCRF CalibrateDebevec CalibrateRobertson"
    " CirclesGridFinderParameters DISK DISOpticalFlow DMatch DenseOpticalFlow"
    " DescriptorMatcher ECCParameters FaceDetectorYN FaceRecognizerSF FarnebackOpticalFlow"
    " FastFeatureDetector Feature2D FileNode FlannBasedMatcher FontFace GFTTDetector"
    " GeneralizedHough GeneralizedHoughBallard GeneralizedHoughGuil GraphicalCodeDetector"
    " IStreamReader KalmanFilter KeyPoint LightGlueMatcher LineSegmentDetector MSER MSTEdge"
    " Mat MatShape MergeDebevec MergeExposures MergeMertens MergeRobertson ORB Octree Odometry"
    " OdometryFrame OdometrySettings PyRotationWarper QRCodeDetector QRCodeDetectorAruco"
    " QRCodeDetectorAruco_Params QRCodeEncoder QRCodeEncoder_Params RgbdNormals RotatedRect"
    " SIFT SimpleBlobDetector SimpleBlobDetector_Params SparseOpticalFlow"
    " SparsePyrLKOpticalFlow StereoBM StereoMatcher StereoSGBM Stitcher Subdiv2D TickMeter"
    " Tonemap TonemapDrago TonemapMantiuk TonemapReinhard Tracker TrackerDaSiamRPN"
    " TrackerDaSiamRPN_Params TrackerMIL TrackerMIL_Params TrackerNano TrackerNano_Params"
    " TrackerVit TrackerVit_Params TriangleRasterizeSettings UMat UsacParams"
    " VariationalRefinement Volume VolumeSettings WarperCreator aruco_ArucoDetector"
    " aruco_Board aruco_CharucoBoard aruco_CharucoDetector aruco_CharucoParameters"
    " aruco_DetectorParameters aruco_Dictionary aruco_GridBoard aruco_RefineParameters"
    " barcode_BarcodeDetector ccm_ColorCorrectionModel cuda_BufferPool cuda_DeviceInfo"
    " cuda_Event cuda_GpuData cuda_GpuMat cuda_GpuMatND cuda_GpuMat_Allocator cuda_HostMem"
    " cuda_Stream cuda_TargetArchs detail_AffineBasedEstimator"
    " detail_AffineBestOf2NearestMatcher detail_BestOf2NearestMatcher"
    " detail_BestOf2NearestRangeMatcher detail_Blender detail_BlocksChannelsCompensator"
    " detail_BlocksCompensator detail_BlocksGainCompensator detail_BundleAdjusterAffine"
    " detail_BundleAdjusterAffinePartial detail_BundleAdjusterBase detail_BundleAdjusterRay"
    " detail_BundleAdjusterReproj detail_CameraParams detail_ChannelsCompensator"
    " detail_DpSeamFinder detail_Estimator detail_ExposureCompensator detail_FeatherBlender"
    " detail_FeaturesMatcher detail_GainCompensator detail_GraphCutSeamFinder"
    " detail_HomographyBasedEstimator detail_ImageFeatures detail_LightGlueFeaturesMatcher"
    " detail_MatchesInfo detail_MultiBandBlender detail_NoBundleAdjuster"
    " detail_NoExposureCompensator detail_NoSeamFinder detail_PairwiseSeamFinder"
    " detail_PoseGraph detail_ProjectorBase detail_SeamFinder detail_SphericalProjector"
    " detail_Timelapser detail_TimelapserCrop detail_VoronoiSeamFinder dnn_ClassificationModel"
    " dnn_DetectionModel dnn_DictValue dnn_Image2BlobParams dnn_KeypointsModel dnn_Layer"
    " dnn_Model dnn_Net dnn_SegmentationModel dnn_TextDetectionModel dnn_TextDetectionModel_DB"
    " dnn_TextDetectionModel_EAST dnn_TextRecognitionModel dnn_Tokenizer flann_Index"
    " mcc_CChecker mcc_CCheckerDetector mcc_DetectorParametersMCC ocl_Device"
    " ocl_OpenCLExecutionContext segmentation_IntelligentScissorsMB"
    " utils_ClassWithKeywordProperties utils_nested_ExportClassName"
    " utils_nested_ExportClassName_Params LMEDS MAGSAC RANSAC RHO"
)
# Constants are known by what stands before their first underscore.
_FAMILIES = (
    "ACCESS ALGO ANNINDEX ANNIndex BORDER CALIB CAP CC CCL CHAIN CIRCLES CMP COLOR COLORMAP"
    " CONTOURS COV COVAR CV CirclesGridFinderParameters DATA DCT DECOMP DESCRIPTOR DFT"
    " DISOPTICAL DISOpticalFlow DIST DNN DRAW DescriptorMatcher DrawMatchesFlags EVENT FACE"
    " FAST FILE FILTER FLOODFILL FM FONT FORMATTER FaceRecognizerSF FastFeatureDetector"
    " FileNode FileStorage Formatter GC GEMM HISTCMP HOUGH IMAGE IMREAD IMWRITE INPAINT INTER"
    " INTERSECT KMEANS LDR LINE LINK LOCAL LSD LSQ MARKER MAT MATRIX MIXED MONOCHROME MORPH"
    " MOTION MST Mat MatShape MatrixType N NEIGH NONE NORM NORMAL NORMCONV ODOMETRY OPTFLOW"
    " ORB OdometryAlgoType OdometryType PARAM PCA PROJ PUT PYR Param QRCODE QRCodeEncoder QT"
    " QUAT QuatEnum RASTERIZE RECURS REDUCE RETR RGBD RNG RgbdNormals SAC SAMPLING SCORE"
    " SOLVELP SOLVEPNP SORT SPARSE STEREO STITCHER SUBDIV2D SVD SparseMat StereoBM"
    " StereoMatcher StereoSGBM Stitcher Subdiv2D TERM THRESH TermCriteria UMAT UMat UMatData"
    " USAC USAGE VARIABLE VIDEO VIDEOWRITER VOLUME VariableType Volume VolumeType WARP WINDOW"
    " WND"
)
_KNOWN = frozenset(f"{_FUNCTIONS} {_CLASSES}".split())
_NEVER = frozenset(_OUTSIDE.split())
_STARTS = frozenset(_FAMILIES.split())


def is_of_opencv(name: str) -> bool:
    """Tell whether cv2 has a function or class of this name.

    Example:
        >>> is_of_opencv("fitLine"), is_of_opencv("fitline")
        (True, False)
    """
    return name in _KNOWN


def is_like_constant(name: str) -> bool:
    """Tell whether a name looks like one of cv2's constants.

    Example:
        >>> is_like_constant("HISTCMP_INTERSECT"), is_like_constant("HUE_RED")
        (True, False)
    """
    family, _, rest = name.partition("_")
    return bool(rest) and family in _STARTS


def is_outside(name: str) -> bool:
    """Tell whether a name of cv2 opens windows, reads or writes files, or asks the machine.

    Example:
        >>> is_outside("pollKey"), is_outside("fitLine")
        (True, False)
    """
    return name in _NEVER
