"""A run directory as a run leaves it, made without training."""

import io
import json

import numpy as np
from PIL import Image

from jaxcar.run import metrics, store, summary

PROGRAM = '''import numpy as np


def has_key(frame, initial_frame):
    """The yellow key has left its place: <b>no</b> yellow pixel is where it was."""
    yellow = (initial_frame[:, :, 0] > 200) & (initial_frame[:, :, 2] < 60)
    return not np.any(yellow & (frame[:, :, 0] > 200))  # & escaped
'''
SUBTASKS = ("has_key", "door_open", "at_goal")


def share(count, total):
    return {"count": count, "total": total, "share": count / total, "ci": [0.9, 1.0]}


def verdict(accepted=True):
    every = share(1000, 1000)
    subtasks = [
        {
            "name": name,
            "expert": every,
            "random": share(910 - 300 * i, 1000),
            "true_at_start": share(0, 2000),
            "early": share(0, 1000),
            "first_step": [4, 9, 15],
            "truth": {
                "name": name,
                "expert_precision": every,
                "expert_recall": every,
                "random_precision": share(998, 1000),
                "random_recall": every,
            }
            if i
            else None,
            "reasons": [],
        }
        for i, name in enumerate(SUBTASKS)
    ]
    return {
        "accepted": accepted,
        "preset": "paper",
        "reasons": [] if accepted else ["at_goal: completes in 5 of 1000 expert trajectories"],
        "subtasks": subtasks,
        "blamed": [],
        "expert_complete": every,
        "random_complete": share(21, 1000),
        "expert_success": every,
        "random_success": share(21, 1000),
        "expert_frames": 23_456,
        "random_frames": 612_345,
        "faults": [],
        "non_finite": 0,
    }


def measurements(chunks=16, seeds=4):
    """Two arms that learn at different speeds; the program's one stops earlier."""
    generator = np.random.default_rng(1)
    made = []
    for arm, half, count in (("program", 5.0, chunks * 2 // 3), ("sparse", 14.0, chunks)):
        for chunk in range(1, count + 1):
            level = 1 / (1 + np.exp(-(chunk - half - generator.normal(0, 0.7, seeds)) * 0.9))
            sampled = evaluation(level)
            made.append(
                metrics.Measurement(
                    kind="chunk",
                    arm=arm,
                    update=8 * chunk,
                    steps=16_384 * chunk,
                    compile_s=4.5,
                    train_s=1.7 * chunk,
                    evaluate_s=0.9 * chunk,
                    faults=0,
                    train={
                        "task_return": [float(x) for x in level * 0.95],
                        "program_reward": [float(x) for x in level * 0.01],
                        "entropy": [float(1.9 - 1.5 * x) for x in level],
                        "explained_variance": [None] + [float(x) for x in level[1:]],
                    },
                    sampled=sampled,
                )
            )
        last = made[-1]
        made.append(
            metrics.Measurement(
                **{**last.__dict__, "kind": "final", "greedy": evaluation(level * 0.99)}
            )
        )
    return made


def evaluation(level):
    return metrics.Evaluated(
        episodes=512,
        success=[float(np.round(x * 512) / 512) for x in level],
        task_return=[float(x * 0.97) for x in level],
        length=[float(640 - 600 * x) for x in level],
        subtasks={
            name: [float(min(1, x**power)) for x in level]
            for name, power in zip(SUBTASKS, (0.2, 0.5, 1.0), strict=True)
        },
    )


CONFIG = """task:
  id: MiniGrid-DoorKey-8x8-v0
seeds: 4
reward:
  mode: first_completion
evaluate:
  episodes: 512
  stop_at: 0.95
"""


def make(path):
    run = store.create(path, CONFIG)
    log = metrics.MetricsLog(run.metrics)
    for measurement in measurements():
        log.append(measurement)
    store.write_programs(run, [("has_key.py", PROGRAM)])
    store.write_json(run.verdict, verdict())
    store.write_json(run.task, {"id": "x", "text": "Reach the <green> square."})
    store.write_json(
        run.subtasks,
        [{"name": name, "text": f"what {name} means"} for name in SUBTASKS],
    )
    store.write_json(
        run.machine,
        {
            "started": "2025-01-01 10:00:00+00:00",
            "system": "Linux x86_64",
            "processors": 2,
            "devices": "1 x cpu, 2 processors",
            "versions": {"python": "3.11.7", "jaxcar": "0.1.0", "jax": "0.10.2"},
        },
    )
    for name in ("1-start", "2-goal"):
        store.write(run.pictures / f"{name}.png", picture(name == "2-goal"))
    store.write_json(
        run.exchanges / "index.json",
        [{"file": "a.json", "kind": "program", "subtask": 0, "round": 1, "outcome": "read"}],
    )
    store.write_json(
        run.exchanges / "a.json",
        {
            "key": "ab" * 32,
            "version": "program/1",
            "model": "a large vision-language model",
            "prompt": "Look at <both> pictures.",
            "reply": "```python\ndef f(frame): ...\n```",
        },
    )
    store.write(run.pictures / "policy.gif", picture(True, "GIF"))
    run.film.write_text(
        json.dumps(
            {
                "arm": "program",
                "seed": 0,
                "episodes": [
                    {
                        "success": True,
                        "length": 24,
                        "frames": 25,
                        "completed": {"has_key": [[6, 25]], "door_open": [[14, 25]], "at_goal": []},
                    }
                ],
            }
        )
    )
    found = summary.summarise("MiniGrid-DoorKey-8x8-v0", verdict(), measurements(), 245.0)
    store.write_json(run.summary, found)
    return run


def picture(goal, kind="PNG"):
    pixels = np.full((256, 256, 3), 90, np.uint8)
    pixels[32:224, 32:224] = 0
    pixels[192:224, 192:224] = (0, 255, 0)
    pixels[64:96, 128 if goal else 64 : 160 if goal else 96] = (255, 0, 0)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()
