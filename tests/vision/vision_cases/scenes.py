"""Pictures that tasks show: grid worlds under random play, and drawn table-tops."""

import functools

import cv2
import jax
import numpy as np

import jaxcar
from jaxcar.envs.rollout import Fold, play

GRIDS = (
    ("MiniGrid-DoorKey-8x8-v0", 8),
    ("MiniGrid-Empty-Random-6x6-v0", 16),
    ("MiniGrid-DoorKey-5x5-v0", 16),
    ("MiniGrid-DoorKey-6x6-v0", 32),
)
EPISODES, STEPS, SIDE = 32, 20, 64


@functools.cache
def random_play(name, tile_size):
    """Return u8[N, H, W, 3]: the different pictures that random actions lead to."""
    task = jaxcar.make(name, tile_size=tile_size)

    def init(obs, state):
        picture = task.render(state, task.params)
        return jax.numpy.zeros((STEPS, *picture.shape), picture.dtype), 0

    def update(seen, step):
        frames, at = seen
        picture = task.render(step.next_state, task.params)
        return frames.at[at].set(picture), at + 1

    def act(key, obs, state):
        return task.env.action_space(task.params).sample(key)

    fold, key = Fold(init, update), jax.random.key(0)
    run = jax.jit(lambda: play(task.env, task.params, act, fold, key, EPISODES, max_steps=STEPS))
    frames = np.asarray(run()[0])
    frames = frames.reshape(-1, *frames.shape[2:])
    frames = frames[frames.any((1, 2, 3))]  # an episode that ends early leaves empty ones
    _, first = np.unique(frames.reshape(len(frames), -1), axis=0, return_index=True)
    return frames[np.sort(first)]


def grid_worlds(count, seed=0):
    """Return u8[count, 64, 64, 3]: tiles of 8, 16 and 32 pixels; windows of the larger pictures."""
    rng = np.random.default_rng(seed)
    share, frames = -(-count // len(GRIDS)), []
    for name, tile_size in GRIDS:
        played = random_play(name, tile_size)
        for frame in played[rng.choice(len(played), share, replace=share > len(played))]:
            top, left = (int(rng.integers(0, n - SIDE + 1)) for n in frame.shape[:2])
            frames.append(frame[top : top + SIDE, left : left + SIDE])
    return np.stack(frames)[rng.permutation(len(frames))[:count]]


def table_top(rng, H, W):
    """Draw a lit table with blocks, balls and a gripper, some out of focus or grainy."""
    light = np.linspace(rng.uniform(0.6, 1), rng.uniform(0.6, 1), W)
    light = light[None, :, None] * np.linspace(rng.uniform(0.7, 1), 1, H)[:, None, None]
    frame = np.ascontiguousarray((rng.integers(90, 220, 3) * light).astype(np.uint8))
    for _ in range(int(rng.integers(1, 6))):
        at = int(rng.integers(0, W)), int(rng.integers(0, H))
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        size = int(rng.integers(2, 10))
        if rng.random() < 0.5:
            cv2.circle(frame, at, size, colour, -1)
        else:
            corners = cv2.boxPoints((at, (2 * size, 1.5 * size), float(rng.uniform(0, 90))))
            cv2.fillPoly(frame, [corners.astype(np.int32)], colour)
    x = int(rng.integers(0, W))
    cv2.rectangle(frame, (x, 0), (x + 2, int(rng.integers(1, H))), (60, 60, 60), -1)
    if rng.random() < 0.5:
        frame = cv2.GaussianBlur(frame, (3, 3), 0)
    if rng.random() < 0.5:
        grain = rng.normal(0, 3, frame.shape)
        frame = np.clip(frame + grain, 0, 255).astype(np.uint8)
    return frame


def table_tops(count, H, W, seed=0):
    """Return u8[count, H, W, 3]."""
    rng = np.random.default_rng([seed, H, W])
    return np.stack([table_top(rng, H, W) for _ in range(count)])
