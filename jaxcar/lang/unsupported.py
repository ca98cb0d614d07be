"""The library names outside the language: not supported yet, or never, and what to write instead.

A name in neither table and not in `LIBRARY` is taken for a slip of the pen.
"""

from __future__ import annotations


def _paths(root: str, names: str) -> dict[str, str]:
    return {f"{root}.{name}": "" for name in names.split()}


LIBRARY_NOT_YET: dict[str, str] = {
    **_paths(
        "numpy",
        "angle apply_along_axis argpartition asfarray bitwise_count broadcast_arrays choose"
        " conj copyto corrcoef correlate cov dsplit ediff1d einsum fft fill_diagonal fix"
        " float_power fromfunction frexp generic gradient histogram2d hsplit imag "
        " iscomplex isreal isscalar ix_ kron ldexp lexsort long matrix matrix_transpose modf"
        " nanargmax nanargmin nanmedian nanpercentile nanstd nanvar "
        " nextafter number partition piecewise place poly1d polyfit polyval put putmask real"
        " require resize result_type rollaxis round_ s_ setxor1d sinc spacing"
        " tensordot trim_zeros union1d unwrap vecdot vectorize void vsplit float128"
        " longdouble signedinteger unsignedinteger bool8 ravel_multi_index array2string"
        " array_repr array_str r_ c_ nancumsum may_share_memory shares_memory"
        " errstate seterr set_printoptions get_printoptions array_equiv astype"
        " broadcast_shapes can_cast cumulative_prod cumulative_sum conjugate diagflat"
        " histogramdd inexact issubdtype iterable logaddexp2 mask_indices matvec nancumprod"
        " nanquantile nditer packbits polynomial promote_types put_along_axis roots ulong"
        " unique_all unique_counts unique_inverse unique_values unpackbits unstack vecmat"
        " isrealobj iscomplexobj",
    ),
    **_paths(
        "numpy.linalg",
        "cholesky cond diagonal eig eigh eigvals eigvalsh lstsq matrix_norm matrix_power"
        " matrix_rank multi_dot pinv qr slogdet svd svdvals tensordot tensorsolve vecdot"
        " vector_norm LinAlgError",
    ),
    **_paths(
        "math",
        "frexp gamma ldexp lgamma nextafter sumprod ulp",
    ),
    **_paths(
        "cv2",
        "boxFilter bilateralFilter Scharr adaptiveThreshold"
        " fitEllipse matchShapes HuMoments connectedComponentsWithAlgorithm"
        " HoughCircles HoughLines HoughLinesP distanceTransform watershed"
        " floodFill grabCut multiply divide norm convertScaleAbs equalizeHist createCLAHE"
        " compareHist calcBackProject transpose warpAffine warpPerspective getRotationMatrix2D"
        " getPerspectiveTransform remap pyrUp pyrDown LUT reduce sum sumElems max min compare"
        " extractChannel insertChannel hconcat vconcat ellipse"
        " fillConvexPoly putText arrowedLine goodFeaturesToTrack cornerHarris"
        " calcOpticalFlowFarneback calcOpticalFlowPyrLK applyColorMap sepFilter2D stackBlur"
        " magnitude phase cartToPolar polarToCart sqrt exp log pow inpaint kmeans ORB_create"
        " SIFT_create TM_CCOEFF TM_CCORR TM_SQDIFF"
        " INTER_CUBIC LINE_AA NORM_L1 NORM_L2 NORM_INF DIST_L1 DIST_L2 DIST_C"
        " HOUGH_GRADIENT HOUGH_GRADIENT_ALT FONT_HERSHEY_SIMPLEX HISTCMP_CORREL HISTCMP_CHISQR"
        " HISTCMP_BHATTACHARYYA ADAPTIVE_THRESH_MEAN_C ADAPTIVE_THRESH_GAUSSIAN_C"
        " IMREAD_GRAYSCALE IMREAD_UNCHANGED "
        " COLOR_LAB2BGR COLOR_LAB2RGB COLOR_BGR2HLS"
        " COLOR_RGB2HLS COLOR_BGR2YUV COLOR_RGB2YUV COLOR_BGR2LUV COLOR_RGB2LUV COLOR_BGR2XYZ"
        " COLOR_BGRA2BGR COLOR_RGBA2RGB COLOR_RGBA2BGR COLOR_BGR2BGRA COLOR_RGB2RGBA",
    ),
    **_paths("collections", "deque namedtuple defaultdict Counter OrderedDict ChainMap"),
    **_paths("dataclasses", "dataclass field replace astuple asdict fields"),
    **_paths("functools", "reduce partial lru_cache cache wraps cached_property"),
    **_paths(
        "itertools",
        "count cycle groupby starmap takewhile dropwhile",
    ),
    **_paths(
        "scipy.spatial.distance",
        "pdist squareform",
    ),
    **_paths("typing", "NamedTuple TypedDict Protocol cast overload NewType TypeVar Generic"),
    **_paths("logging", "getLogger Logger StreamHandler FileHandler Formatter NullHandler"),
    "numpy.einsum": "write np.dot(a, b), a @ b, np.outer(a, b) or (a * b).sum(axis=0)",
    "cv2.reduce": "write x.sum(axis=0), x.max(axis=0)",
    "cv2.INTER_CUBIC": "use cv2.INTER_LINEAR or cv2.INTER_AREA",
    "cv2.LINE_AA": "leave it out: lines are then not smoothed",
    "cv2.IMREAD_GRAYSCALE": "read in colour, then cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)",
    "collections.namedtuple": "use a tuple, or attributes of `self`",
    "collections.deque": "keep the last values in attributes of `self`",
    "dataclasses.dataclass": "write a class with `__init__`",
    "functools.reduce": "write a `for` loop",
    "typing.NamedTuple": "use a tuple, or attributes of `self`",
}

LIBRARY_NEVER: dict[str, str] = {
    "numpy.random": "leave it out: the same frames must give the same reward",
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
    "numpy.in1d": "NumPy 2.4 has removed it: write np.isin",
    "numpy.trapz": "NumPy 2.4 has removed it: write np.trapezoid",
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
