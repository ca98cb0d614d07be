"""Every operation of `jaxcar.vision` beside OpenCV's: one table for tests, pages and bounds."""

from vision_cases import pixels, places, shapes, windows

GROUPS = {
    "Colour": pixels.COLOURS,
    "Masks and sums": pixels.MASKS,
    "Thresholds and histograms": pixels.THRESHOLDS,
    "Statistics": pixels.STATISTICS,
    "Morphology": windows.MORPHOLOGY,
    "Filters": windows.FILTERS,
    "Geometry": places.GEOMETRY,
    "Drawing": places.DRAWING,
    "Matching": places.MATCHING,
    "Contours and features": shapes.FEATURES,
    "Components": shapes.COMPONENTS_OF_MASKS,
}
CASES = [case for group in GROUPS.values() for case in group]
