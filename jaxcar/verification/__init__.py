"""Check reward programs on expert and random trajectories, before anything is trained on them."""

from jaxcar.verification.evidence import Evidence, Shown, collect_evidence, deciding_frames
from jaxcar.verification.judge import judge, verify
from jaxcar.verification.measurement import Measurement, measure
from jaxcar.verification.statistics import Share
from jaxcar.verification.verdict import (
    PRESETS,
    FaultVerdict,
    Preset,
    SubTaskVerdict,
    TruthMatch,
    Verdict,
)

__all__ = [
    "PRESETS",
    "Evidence",
    "FaultVerdict",
    "Measurement",
    "Preset",
    "Share",
    "Shown",
    "SubTaskVerdict",
    "TruthMatch",
    "Verdict",
    "collect_evidence",
    "deciding_frames",
    "judge",
    "measure",
    "verify",
]
