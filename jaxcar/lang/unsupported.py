"""The library names outside the language: not supported yet, or never, and what to write instead.

A name in neither table and not in `LIBRARY` is taken for a slip of the pen.
"""

from __future__ import annotations


def _paths(root: str, names: str) -> dict[str, str]:
    return {f"{root}.{name}": "" for name in names.split()}


LIBRARY_NOT_YET: dict[str, str] = {
    **_paths(
        "numpy",
        "acos acosh angle append apply_along_axis arccosh arcsinh arctanh argpartition"
        " argsort around array_split ascontiguousarray asin asinh asfarray asanyarray atan atan2"
        " atanh atleast_1d atleast_2d atleast_3d average bincount bitwise_count bitwise_not bool"
        " broadcast_arrays broadcast_to byte cbrt choose column_stack compress concat conj convolve"
        " copy copysign copyto corrcoef correlate cov cross cumprod cumsum deg2rad degrees diag"
        " diagonal diff digitize divmod dsplit dstack dtype ediff1d einsum empty empty_like exp2"
        " expand_dims expm1 extract eye fft fill_diagonal finfo fix flip fliplr flipud float16"
        " float_power fmax fmin fmod fromfunction frexp gcd generic geomspace gradient"
        " heaviside histogram histogram2d hsplit hstack identity iinfo imag in1d indices inner"
        " insert interp intersect1d invert iscomplex isin isreal isscalar ix_ kron lcm"
        " ldexp left_shift lexsort linspace log1p logaddexp logspace long matmul matrix"
        " matrix_transpose median meshgrid modf moveaxis nan_to_num"
        " nanargmax nanargmin nanmax nanmean nanmedian nanmin nanpercentile nanstd nansum nanvar"
        " ndenumerate ndindex ndim negative nextafter number outer pad partition percentile"
        " permute_dims piecewise place poly1d polyfit polyval positive pow ptp put putmask quantile"
        " rad2deg radians ravel real reciprocal repeat require reshape resize result_type"
        " right_shift roll rollaxis rot90 round_ row_stack s_ searchsorted select setdiff1d"
        " setxor1d shape short signbit sinc single size sort spacing split squeeze swapaxes take"
        " take_along_axis tensordot tile trace transpose trapezoid trapz tri tril triu trim_zeros"
        " true_divide ubyte uint uintp union1d unique unravel_index unwrap ushort vdot vecdot"
        " vectorize void vsplit vstack float128 double half longdouble signedinteger"
        " unsignedinteger bool8 delete ravel_multi_index array2string array_repr array_str mgrid"
        " ogrid r_ c_ nancumsum nanprod may_share_memory shares_memory errstate seterr"
        " set_printoptions get_printoptions array_equiv astype bitwise_left_shift"
        " bitwise_right_shift bitwise_invert broadcast_shapes can_cast cumulative_prod"
        " cumulative_sum conjugate"
        " diag_indices diagflat euler_gamma False_ True_ histogramdd inexact intc isneginf isposinf"
        " issubdtype iterable logaddexp2 longlong mask_indices matvec nancumprod nanquantile nditer"
        " packbits polynomial promote_types put_along_axis roots tril_indices triu_indices uintc"
        " ulong ulonglong unique_all unique_counts unique_inverse unique_values unpackbits unstack"
        " vecmat isrealobj iscomplexobj",
    ),
    **_paths(
        "numpy.linalg",
        "cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul matrix_norm"
        " matrix_power matrix_rank multi_dot outer pinv qr slogdet solve svd svdvals tensordot"
        " tensorsolve trace vecdot vector_norm LinAlgError",
    ),
    **_paths(
        "math",
        "dist acosh asinh atanh cbrt comb copysign cosh erf erfc exp2 expm1 factorial fmod frexp"
        " fsum gamma gcd isclose isqrt lcm ldexp lgamma log1p modf nextafter perm prod remainder"
        " sinh sumprod tau ulp",
    ),
    **_paths(
        "cv2",
        "GaussianBlur medianBlur blur boxFilter bilateralFilter filter2D Canny Sobel Laplacian"
        " Scharr threshold adaptiveThreshold resize findContours drawContours contourArea arcLength"
        " approxPolyDP boundingRect moments convexHull pointPolygonTest minAreaRect boxPoints"
        " minEnclosingCircle fitEllipse isContourConvex matchShapes HuMoments connectedComponents"
        " connectedComponentsWithStats connectedComponentsWithAlgorithm morphologyEx erode dilate"
        " getStructuringElement matchTemplate minMaxLoc HoughCircles HoughLines HoughLinesP"
        " distanceTransform watershed floodFill grabCut split merge add subtract multiply divide"
        " addWeighted mean meanStdDev norm normalize convertScaleAbs equalizeHist createCLAHE"
        " calcHist compareHist calcBackProject flip rotate transpose warpAffine warpPerspective"
        " getRotationMatrix2D getPerspectiveTransform remap pyrUp pyrDown copyMakeBorder LUT reduce"
        " sum sumElems max min compare extractChannel insertChannel findNonZero hconcat vconcat"
        " rectangle circle line ellipse polylines fillPoly fillConvexPoly putText arrowedLine"
        " goodFeaturesToTrack cornerHarris calcOpticalFlowFarneback calcOpticalFlowPyrLK"
        " applyColorMap sepFilter2D stackBlur magnitude phase cartToPolar polarToCart sqrt exp log"
        " pow inpaint kmeans ORB_create SIFT_create"
        " RETR_EXTERNAL RETR_LIST RETR_TREE RETR_CCOMP CHAIN_APPROX_SIMPLE CHAIN_APPROX_NONE"
        " THRESH_BINARY THRESH_BINARY_INV THRESH_OTSU THRESH_TOZERO THRESH_TRUNC MORPH_OPEN"
        " MORPH_CLOSE MORPH_GRADIENT MORPH_ERODE MORPH_DILATE MORPH_RECT MORPH_ELLIPSE MORPH_CROSS"
        " MORPH_TOPHAT MORPH_BLACKHAT TM_CCOEFF TM_CCOEFF_NORMED TM_CCORR TM_CCORR_NORMED TM_SQDIFF"
        " TM_SQDIFF_NORMED CC_STAT_AREA CC_STAT_LEFT CC_STAT_TOP CC_STAT_WIDTH CC_STAT_HEIGHT"
        " INTER_AREA INTER_NEAREST INTER_LINEAR INTER_CUBIC FILLED LINE_AA LINE_8 NORM_L1 NORM_L2"
        " NORM_MINMAX NORM_INF DIST_L1 DIST_L2 DIST_C HOUGH_GRADIENT HOUGH_GRADIENT_ALT"
        " FONT_HERSHEY_SIMPLEX CV_8U CV_16S CV_32F CV_64F BORDER_CONSTANT BORDER_REPLICATE"
        " BORDER_REFLECT BORDER_DEFAULT HISTCMP_CORREL HISTCMP_CHISQR HISTCMP_BHATTACHARYYA"
        " ADAPTIVE_THRESH_MEAN_C ADAPTIVE_THRESH_GAUSSIAN_C IMREAD_GRAYSCALE IMREAD_UNCHANGED"
        " COLOR_BGR2LAB COLOR_RGB2LAB COLOR_BGR2Lab COLOR_RGB2Lab COLOR_LAB2BGR COLOR_LAB2RGB"
        " COLOR_HSV2BGR COLOR_HSV2RGB COLOR_BGR2HLS COLOR_RGB2HLS COLOR_BGR2YCrCb COLOR_RGB2YCrCb"
        " COLOR_BGR2YUV COLOR_RGB2YUV COLOR_BGR2LUV COLOR_RGB2LUV COLOR_GRAY2BGR COLOR_GRAY2RGB"
        " COLOR_BGR2XYZ COLOR_BGR2HSV_FULL COLOR_RGB2HSV_FULL COLOR_BGRA2BGR COLOR_RGBA2RGB"
        " COLOR_RGBA2BGR COLOR_BGR2BGRA COLOR_RGB2RGBA",
    ),
    **_paths("collections", "deque namedtuple defaultdict Counter OrderedDict ChainMap"),
    **_paths("dataclasses", "dataclass field replace astuple asdict fields"),
    **_paths("functools", "reduce partial lru_cache cache wraps cached_property"),
    **_paths(
        "itertools",
        "product combinations permutations chain accumulate count cycle repeat islice pairwise"
        " groupby starmap takewhile dropwhile zip_longest combinations_with_replacement",
    ),
    **_paths("scipy.spatial.distance", "cdist euclidean cityblock cosine pdist squareform"),
    **_paths("typing", "NamedTuple TypedDict Protocol cast overload NewType TypeVar Generic"),
    **_paths("logging", "getLogger Logger StreamHandler FileHandler Formatter NullHandler"),
    **_paths("jaxcar.vision.host", "find_contours connected_components match_template"),
    "math.dist": "write math.hypot(a[0] - b[0], a[1] - b[1])",
    "math.copysign": "write -abs(x) if y < 0 else abs(x)",
    "math.isclose": "write abs(a - b) <= 1e-9 * max(abs(a), abs(b))",
    "math.fsum": "write sum(...)",
    "math.tau": "write 2 * math.pi",
    "math.prod": "multiply in a `for` loop",
    "numpy.median": "use np.mean, or count elements with np.sum(x <= limit)",
    "numpy.percentile": "count elements with np.sum(x <= limit) instead",
    "numpy.quantile": "count elements with np.sum(x <= limit) instead",
    "numpy.unique": "compare with each expected value, such as np.any(x == 3)",
    "numpy.isin": "join comparisons: (x == a) | (x == b)",
    "numpy.diff": "subtract slices: x[1:] - x[:-1]",
    "numpy.ptp": "write np.max(x) - np.min(x)",
    "numpy.bool": "write np.bool_ or bool",
    "numpy.around": "write np.round(x)",
    "numpy.negative": "write -x",
    "numpy.invert": "write ~x",
    "numpy.bitwise_not": "write ~x",
    "numpy.true_divide": "write np.divide(a, b) or a / b",
    "numpy.matmul": "write np.dot(a, b)",
    "numpy.average": "write np.mean(x), or np.sum(w * x) / np.sum(w)",
    "numpy.copy": "write x.copy()",
    "numpy.reshape": "write x.reshape(shape)",
    "numpy.ravel": "write x.ravel()",
    "numpy.transpose": "write x.transpose() or x.T",
    "numpy.vstack": "write np.concatenate(arrays, axis=0) or np.stack(arrays)",
    "numpy.hstack": "write np.concatenate(arrays)",
    "numpy.empty": "write np.zeros(shape)",
    "numpy.empty_like": "write np.zeros_like(x)",
    "numpy.nan_to_num": "write np.where(np.isnan(x), 0.0, x)",
    "numpy.expand_dims": "write x[None, ...]",
    "numpy.deg2rad": "write x * np.pi / 180",
    "numpy.rad2deg": "write x * 180 / np.pi",
    "numpy.radians": "write x * np.pi / 180",
    "numpy.degrees": "write x * 180 / np.pi",
    "numpy.linspace": "write start + step * np.arange(n)",
    "numpy.log1p": "write np.log(1 + x)",
    "numpy.expm1": "write np.exp(x) - 1",
    "numpy.shape": "write x.shape",
    "numpy.size": "write x.size",
    "numpy.ndim": "write x.ndim",
    "cv2.split": "index the channels: hsv[:, :, 0]",
    "cv2.threshold": "compare: mask = gray > limit",
    "cv2.mean": "write np.mean(image, axis=(0, 1))",
    "cv2.findContours": "use masks: np.argwhere(mask) gives the pixels of a region",
    "cv2.contourArea": "count the pixels: np.sum(mask)",
    "cv2.moments": "take the mean of np.argwhere(mask)",
    "cv2.boundingRect": "take the smallest and largest of np.argwhere(mask)",
    "cv2.findNonZero": "write np.argwhere(mask), whose rows are (row, column)",
    "cv2.IMREAD_GRAYSCALE": "read in colour, then cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)",
    "collections.namedtuple": "use a tuple, or attributes of `self`",
    "collections.deque": "keep the last values in attributes of `self`",
    "dataclasses.dataclass": "write a class with `__init__`",
    "functools.reduce": "write a `for` loop",
    "itertools.product": "nest two `for` loops",
    "scipy.spatial.distance.euclidean": "write np.linalg.norm(a - b)",
    "scipy.spatial.distance.cdist": "write np.linalg.norm(a - b) for each pair",
    "typing.NamedTuple": "use a tuple, or attributes of `self`",
}

LIBRARY_NEVER: dict[str, str] = {
    "numpy.random": "a reward may not be random: the same frames give the same reward",
    **dict.fromkeys(
        (
            *(f"numpy.{name}" for name in ("load", "save", "savez", "loadtxt", "savetxt")),
            *(f"numpy.{name}" for name in ("fromfile", "genfromtxt", "memmap", "savez_compressed")),
            *(f"cv2.{name}" for name in ("imwrite", "VideoCapture", "VideoWriter", "FileStorage")),
            *(f"logging.{name}" for name in ("config", "handlers")),
        ),
        "a reward may not read or write files: it gets its pictures as arguments",
    ),
    **dict.fromkeys(
        (
            f"cv2.{name}"
            for name in (
                "imshow",
                "waitKey",
                "namedWindow",
                "destroyAllWindows",
                "destroyWindow",
                "selectROI",
                "setMouseCallback",
                "createTrackbar",
                "getTickCount",
                "getTickFrequency",
                "randu",
                "randn",
                "imdecode",
                "imencode",
                "setNumThreads",
                "dnn",
            )
        ),
        "a reward may not open windows, read clocks or run networks",
    ),
    **dict.fromkeys(
        (
            f"numpy.{name}"
            for name in (
                "complex64",
                "complex128",
                "complex_",
                "complexfloating",
                "object_",
                "str_",
                "bytes_",
                "datetime64",
                "timedelta64",
                "frombuffer",
                "fromstring",
                "fromiter",
                "testing",
                "ctypeslib",
                "lib",
                "char",
                "ma",
                "rec",
                "ufunc",
            )
        ),
        "the language has booleans, integers and floats only",
    ),
    "numpy.float": "NumPy has removed it: write float or np.float64",
    "numpy.int": "NumPy has removed it: write int or np.int64",
    "numpy.object": "NumPy has removed it",
    "numpy.str": "NumPy has removed it",
    "numpy.float_": "NumPy 2 has removed it: write np.float64",
    "numpy.product": "NumPy 2 has removed it: write np.prod",
    "numpy.sometrue": "NumPy 2 has removed it: write np.any",
    "numpy.alltrue": "NumPy 2 has removed it: write np.all",
    "numpy.Inf": "NumPy 2 has removed it: write np.inf",
    "numpy.NaN": "NumPy 2 has removed it: write np.nan",
    "numpy.infty": "NumPy 2 has removed it: write np.inf",
}
