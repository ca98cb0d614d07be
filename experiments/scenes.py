"""Pictures of scenes in sequences, as the published picture programs look for them.

Coloured things on a table move, vanish and come back, so that both sides of every test in such a
program are seen; every eighth picture is noise of few colours, and some pictures are empty.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np

SIZE = 64
RED, GREEN, BLUE = (220, 30, 25), (40, 200, 60), (30, 90, 220)
YELLOW, CYAN, BROWN = (230, 200, 30), (30, 200, 220), (140, 80, 20)


class Thing(NamedTuple):
    """What a scene shows: a colour, a shape ("square", "disc"), sizes in pixels, and how many."""

    colour: tuple[int, int, int]
    shape: str
    sizes: tuple[int, int]
    count: tuple[int, int]
    moves: bool
    leaves: float = 0.1  # the share of pictures that lack it


SCENES: dict[str, list[Thing]] = {
    "push": [
        Thing(YELLOW, "square", (10, 22), (1, 1), False, 0.05),
        Thing(GREEN, "square", (6, 10), (1, 2), True, 0.05),
    ],
    "piles": [
        Thing(YELLOW, "square", (24, 36), (1, 2), False, 0.02),
        Thing(BLUE, "square", (4, 8), (0, 6), True),
    ],
    "bowl": [
        Thing(GREEN, "disc", (16, 22), (1, 2), False),
        Thing(RED, "square", (11, 14), (0, 3), True),
    ],
    "door": [
        Thing(YELLOW, "disc", (2, 3), (0, 1), True, 0.5),
        Thing(YELLOW, "square", (4, 8), (1, 1), False),
        Thing(RED, "square", (3, 6), (1, 1), True),
        Thing(GREEN, "square", (5, 8), (0, 1), False),
    ],
    "box": [
        Thing(BROWN, "square", (24, 36), (1, 1), False),
        Thing(CYAN, "square", (4, 9), (0, 3), True),
        Thing(RED, "square", (4, 9), (0, 3), True),
    ],
}


def frames(name: str, sequences: int, steps: int, seed: int = 0) -> np.ndarray:
    """Return u8[sequences, steps, 64, 64, 3], RGB."""
    rng = np.random.default_rng(seed)
    return np.stack([_sequence(rng, SCENES[name], steps) for _ in range(sequences)])


def _sequence(rng: np.random.Generator, things: list[Thing], steps: int) -> np.ndarray:
    placed = [
        (thing, rng.integers(*_span(thing.sizes)), rng.uniform(8, SIZE - 8, 2))
        for thing in things
        for _ in range(rng.integers(*_span(thing.count)))
    ]
    table = np.uint8(rng.integers(90, 200))  # gray: of no colour that is looked for
    made = []
    for step in range(steps):
        frame = np.full((SIZE, SIZE, 3), table, np.uint8)
        for thing, size, place in placed:
            if thing.moves:
                place += rng.normal(0, 4, 2)
                np.clip(place, 2, SIZE - 3, out=place)
            if rng.random() >= thing.leaves:
                _draw(frame, thing, int(size), place)
        if rng.random() < 0.3:
            frame = _noisy(rng, frame)
        if step % 8 == 7:
            frame = _tiles(rng, things)
        made.append(frame)
    return np.stack(made)


def _span(pair: tuple[int, int]) -> tuple[int, int]:
    return pair[0], pair[1] + 1


def _draw(frame: np.ndarray, thing: Thing, size: int, place: Any) -> None:
    x, y = int(place[0]), int(place[1])
    if thing.shape == "disc":
        cv2.circle(frame, (x, y), size, thing.colour, -1)
    else:
        corner = (x - size // 2, y - size // 2)
        cv2.rectangle(frame, corner, (corner[0] + size, corner[1] + size), thing.colour, -1)


def _noisy(rng: np.random.Generator, frame: np.ndarray) -> np.ndarray:
    noise = rng.integers(-12, 13, frame.shape[:2])[..., None]
    return np.clip(frame.astype(np.int64) + noise, 0, 255).astype(np.uint8)


def _tiles(rng: np.random.Generator, things: list[Thing]) -> np.ndarray:
    """Return tiles of the scene's colours, of a random size: many contours, some nested."""
    side = int(rng.choice([8, 16]))
    colours = np.array([(120, 120, 120)] * 4 + [thing.colour for thing in things], np.uint8)
    picks = rng.integers(0, len(colours), (SIZE // side, SIZE // side))
    return colours[picks].repeat(side, 0).repeat(side, 1)


def door_key_frames(sequences: int, steps: int, size: str = "8x8", seed: int = 0) -> np.ndarray:
    """Return episodes of MiniGrid's DoorKey: experts' in even rows, random play's in odd ones.

    Returns:
        u8[sequences, steps, H, W, 3], RGB; after the end of an episode a new one begins.
    """
    import jax

    import jaxcar

    task = jaxcar.make(f"MiniGrid-DoorKey-{size}-v0")
    env, params = task.env, task.params

    def step(carry: Any, key: Any) -> Any:
        state, expert = carry
        key_step, key_act, key_expert = jax.random.split(key, 3)
        wise = task.expert(key_expert, state, params)
        free = env.action_space(params).sample(key_act)
        action = jax.numpy.where(expert, wise, free)
        after = env.step(key_step, state, action, params)[1]
        return (after, expert), task.render(state, params)

    def episode(key: Any, expert: Any) -> Any:
        key_reset, key_run = jax.random.split(key)
        _, state = env.reset(key_reset, params)
        return jax.lax.scan(step, (state, expert), jax.random.split(key_run, steps))[1]

    keys = jax.random.split(jax.random.key(seed), sequences)
    return np.asarray(jax.jit(jax.vmap(episode))(keys, np.arange(sequences) % 2 == 0))
