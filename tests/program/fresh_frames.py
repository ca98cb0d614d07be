"""Pictures in sequences for the fresh programs over a picture: played, or drawn as they expect.

DoorKey's are rendered by the task itself under expert and random steps. The others are drawn: rooms
of tiles, a table with a cube and a pad, blocks and bowls, little blocks between zones, a pole,
bricks, a maze. What the programs look for moves, is taken, is hidden, and is missing now and then.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import cv2
import jax
import jax.numpy as jnp
import numpy as np
from fresh_inputs import frame_of

from jaxcar.envs.registry import make

SEQUENCES, STEPS = 20, 50
Rng = np.random.Generator
_COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "purple": (112, 39, 195),
    "yellow": (255, 255, 0),
}
_TILE = 8


def frames_for(name: str, sequences: int = SEQUENCES, steps: int = STEPS) -> np.ndarray:
    """Return pictures for a program: u8[sequences, steps, height, width, 3]."""
    number, seed = int(name[-2:]), int(name[-2:]) * 1000
    H, W, _ = frame_of(name)
    if number <= 6:
        return doorkey(sequences, steps)
    drawn = next(scene for last, scene in _SCENES if number <= last)
    made = [
        drawn(np.random.default_rng(seed + i), steps, H, W).astype(np.uint8)
        for i in range(sequences)
    ]
    if number == 7:
        made[::2] = list(doorkey(sequences, steps)[::2])
    return np.stack(made)


def resets_for(sequences: int = SEQUENCES, steps: int = STEPS) -> np.ndarray:
    """Return where episodes begin: at the start, and now and then in the middle."""
    resets = np.random.default_rng(7).random((sequences, steps)) < 0.02
    resets[:, 0] = True
    return resets


@functools.cache
def doorkey(sequences: int, steps: int) -> np.ndarray:
    """Play DoorKey-8x8: each sequence with another share of random actions."""
    task = make("MiniGrid-DoorKey-8x8-v0")

    def play(key: jax.Array, wild: jax.Array) -> jax.Array:
        key_reset, key_play = jax.random.split(key)
        _, state = task.env.reset_env(key_reset, task.params)

        def turn(state, key):
            key_step, key_pick, key_act = jax.random.split(key, 3)
            action = jnp.where(
                jax.random.bernoulli(key_pick, wild),
                jax.random.randint(key_act, (), 0, 7),
                task.expert(key_act, state, task.params),
            )
            _, after, *_ = task.env.step_env(key_step, state, action, task.params)
            return after, task.render(state, task.params)

        return jax.lax.scan(turn, state, jax.random.split(key_play, steps))[1]

    with jax.debug_key_reuse(False):
        keys = jax.random.split(jax.random.key(3), sequences)
        wild = jnp.linspace(0.0, 0.7, sequences)
        return np.asarray(jax.jit(jax.vmap(play))(keys, wild))


def _events(rng: Rng, count: int, steps: int) -> np.ndarray:
    """Return when things happen, one after the other; the last ones perhaps never."""
    return np.sort(rng.integers(2, int(steps * 1.4), count))


def rooms(rng: Rng, steps: int, H: int, W: int) -> np.ndarray:
    """Two rooms of tiles, a door between them, a key, an agent, and perhaps a box."""
    rows, columns = H // _TILE, W // _TILE
    wall, gate = int(rng.integers(2, columns - 2)), int(rng.integers(1, rows - 1))
    colour = np.array(list(_COLOURS.values())[rng.integers(len(_COLOURS))])
    taken, opened, gone = _events(rng, 3, steps)
    key = (int(rng.integers(1, rows - 1)), int(rng.integers(1, wall)))
    box = (int(rng.integers(1, rows - 1)), int(rng.integers(wall + 1, columns - 1)))
    agent = np.array([int(rng.integers(1, rows - 1)), int(rng.integers(1, wall))])
    other = np.array(list(_COLOURS.values())[rng.integers(len(_COLOURS))])
    found = []
    for t in range(steps):
        picture = np.zeros((H, W, 3), np.int64)
        for r in range(rows):
            for c in range(columns):
                if r in (0, rows - 1) or c in (0, columns - 1) or c == wall:
                    _tile(picture, r, c)[:] = 100
        _door(_tile(picture, gate, wall), colour, t >= opened)
        if t < taken:
            tile = _tile(picture, *key)
            tile[1:3, 3:6] = tile[3:7, 4] = tile[5, 3] = colour
        if t < gone and box != tuple(agent):
            tile = _tile(picture, *box)
            tile[1:7, 1:7] = other
            tile[3:5, 2:6] = 0
        low, high = (1, wall - 1) if t < opened else (1, columns - 2)
        agent = np.clip(agent + rng.integers(-1, 2, 2), (1, low), (rows - 2, max(high, 1)))
        if agent[1] != wall or (agent[0] == gate and t >= opened):
            tile = _tile(picture, *agent)
            for i in range(1, 7):
                tile[i, 1 : 1 + (i + 1) // 2 * 2] = (255, 0, 0)
        found.append(picture)
    return np.stack(found)


def _tile(picture: np.ndarray, row: int, column: int) -> np.ndarray:
    return picture[row * _TILE : (row + 1) * _TILE, column * _TILE : (column + 1) * _TILE]


def _door(tile: np.ndarray, colour: np.ndarray, is_open: bool) -> None:
    tile[:] = 0
    if is_open:
        tile[:, :2] = colour
        return
    tile[:] = colour
    tile[1:-1, 1:-1] = colour * 45 // 100
    tile[4, 5] = colour


def _noisy(rng: Rng, picture: np.ndarray, most: int) -> np.ndarray:
    noise = rng.integers(-most, most + 1, picture.shape) if most else 0
    return np.clip(picture.astype(np.int64) + noise, 0, 255)


def table(rng: Rng, steps: int, H: int, W: int) -> np.ndarray:
    """A green cube that is pushed to a yellow pad; a grey hand hides it now and then."""
    ground = np.linspace(60, 110, H)[:, None, None] + np.array([20, 8, 0])
    pad = rng.uniform(0.3, 0.7, 2) * (W, H)
    corners = pad + np.array([[-14, -8], [12, -9], [16, 8], [-12, 9]]) * rng.uniform(0.7, 1.2)
    place, goal = rng.uniform(0.1, 0.9, 2) * (W, H), pad + rng.uniform(-12, 12, 2)
    quiet, found = rng.choice([0, 4]), []
    for _ in range(steps):
        picture = np.broadcast_to(ground, (H, W, 3)).astype(np.uint8).copy()
        if rng.random() > 0.01:
            cv2.fillPoly(picture, [corners.astype(np.int32)], (242, 216, 38))
        x, y = (int(v) for v in place)
        if rng.random() > 0.04:
            cv2.rectangle(picture, (x - 6, y - 6), (x + 6, y + 4), (40, 190, 50), -1)
            cv2.rectangle(picture, (x - 6, y + 3), (x + 6, y + 7), (22, 110, 28), -1)
        if rng.random() < 0.3:
            side = rng.integers(-9, 9, 2)
            corner = (x + int(side[0]), y + int(side[1]))
            cv2.rectangle(picture, corner, (corner[0] + 9, corner[1] + 12), (120, 120, 122), -1)
        found.append(_noisy(rng, picture, quiet))
        place = place + (goal - place) * rng.choice([0.0, 0.08, 0.2]) + rng.normal(0, 0.8, 2)
    return np.stack(found)


def bowls(rng: Rng, steps: int, H: int, W: int) -> np.ndarray:
    """Three bowls and three blocks of their colours, which are put into the bowls."""
    colours = [(220, 40, 40), (40, 180, 60), (40, 80, 220)]
    spots = [np.array([18 + 30 * i, 22 + int(rng.integers(-3, 4))]) for i in range(3)]
    order = rng.permutation(3)
    places = [np.array([16.0 + 30 * i, H - 18]) + rng.integers(-3, 4, 2) for i in order]
    radius, starts, found = int(rng.integers(11, 14)), _events(rng, 3, steps), []
    missing = rng.random(3) < 0.06
    for t in range(steps):
        picture = np.full((H, W, 3), 150 if t % 9 else 225, np.uint8)
        for i in range(3):
            if not missing[i]:
                cv2.circle(picture, [int(v) for v in spots[i]], radius, colours[i], 2)
            x, y = (int(v) for v in places[i])
            cv2.rectangle(picture, (x - 4, y - 4), (x + 4, y + 4), colours[i], -1)
            if t >= starts[i]:
                aim = spots[i] if rng.random() < 0.8 else spots[(i + 1) % 3]
                places[i] = places[i] + (aim - places[i]) * 0.35
        found.append(_noisy(rng, picture, 0))
    return np.stack(found)


def zones(rng: Rng, steps: int, H: int, W: int) -> np.ndarray:
    """Fifty little blue blocks that gather in a green outline, or in a red one."""
    places = rng.uniform(4, [W - 6, H - 6], (50, 2))
    size = int(rng.integers(26, 36))
    green = (int(rng.integers(2, W // 2 - 8)), int(rng.integers(2, H - size - 2)))
    red = (int(rng.integers(W // 2, W - 24)), int(rng.integers(2, H - 24)))
    missing, pull, found = rng.random(2) < 0.05, rng.choice([0.05, 0.4, -0.03]), []
    for _ in range(steps):
        picture = np.full((H, W, 3), 215, np.uint8)
        if not missing[0]:
            cv2.rectangle(picture, green, (green[0] + size, green[1] + size), (30, 190, 40), 1)
        if not missing[1]:
            cv2.rectangle(picture, red, (red[0] + 20, red[1] + 20), (210, 30, 30), 1)
        if rng.random() > 0.02:
            for x, y in places.astype(int):
                picture[y : y + 2, x : x + 2] = (30, 60, 220)
        found.append(_noisy(rng, picture, 0))
        middle = np.array(green) + size / 2
        places += (middle - places) * pull * rng.random((50, 1)) + rng.normal(0, 0.5, (50, 2))
        places = np.clip(places, 1, [W - 3, H - 3])
    return np.stack(found)


def pole(rng: Rng, steps: int, H: int, W: int) -> np.ndarray:
    """A pole on a cart that falls over, and now and then stands upright or is missing."""
    angle, speed, x, found = rng.normal(0, 0.05), 0.0, W / 2, []
    for t in range(steps):
        picture = np.full((H, W, 3), 255, np.uint8)
        base = (int(x), H - 16)
        cv2.line(picture, (0, H - 12), (W - 1, H - 12), (0, 0, 0), 1)
        cv2.rectangle(picture, (base[0] - 8, base[1]), (base[0] + 8, base[1] + 6), (0, 0, 0), -1)
        tip = (base[0] + int(30 * np.sin(angle)), base[1] - int(30 * np.cos(angle)))
        if rng.random() > 0.04:
            cv2.line(picture, base, tip, (202, 152, 101), 3)
        found.append(picture)
        speed += 0.05 * angle + rng.normal(0, 0.02)
        angle = 0.0 if t % 13 == 0 else float(np.clip(angle + speed, -1.5, 1.5))
        x = float(np.clip(x + rng.normal(0, 1), 40, W - 40))
    return np.stack(found)


def bricks(rng: Rng, steps: int, H: int, W: int) -> np.ndarray:
    """Ten by ten cells: bricks that are hit, a ball and a paddle."""
    there = rng.random((3, 10)) < rng.choice([0.1, 0.3, 0.9])
    paddle, ball, way, found = int(rng.integers(0, 9)), np.array([5, 5]), np.array([1, 1]), []
    for _ in range(steps):
        cells = np.zeros((10, 10, 3), np.int64)
        cells[1:4][there] = (200, 72, 72)
        cells[-1, paddle : paddle + 2] = (90, 186, 90)
        if rng.random() > 0.05:
            cells[ball[0], ball[1]] = (240, 240, 240)
        found.append(cells.repeat(H // 10, axis=0).repeat(W // 10, axis=1))
        if there.any() and rng.random() < 0.4:
            row, column = (int(v) for v in rng.choice(np.argwhere(there)))
            there[row, column] = False
        way = np.where((ball + way < (1, 0)) | (ball + way > (8, 9)), -way, way)
        ball = ball + way
        paddle = int(np.clip(paddle + np.sign(ball[1] - paddle) * (rng.random() < 0.7), 0, 8))
    return np.stack(found)


def maze(rng: Rng, steps: int, H: int, W: int) -> np.ndarray:
    """White ways between black walls, with a red goal and a blue agent."""
    grid = rng.random((H // 8, W // 8)) < 0.25
    free = np.argwhere(~grid)
    goal, agent = (free[rng.integers(len(free))] * 8 + 4 for _ in range(2))
    found = []
    for _ in range(steps):
        picture = np.full((H, W, 3), 235, np.int64)
        picture[grid.repeat(8, axis=0).repeat(8, axis=1)] = 10
        if rng.random() > 0.01:
            picture[goal[0] - 1 : goal[0] + 2, goal[1] - 1 : goal[1] + 2] = (220, 30, 30)
        if rng.random() > 0.05:
            picture[agent[0] - 1 : agent[0] + 2, agent[1] - 1 : agent[1] + 2] = (30, 40, 220)
        found.append(picture)
        moved = np.clip(agent + rng.integers(-3, 4, 2), 2, (H - 3, W - 3))
        agent = moved if not grid[moved[0] // 8, moved[1] // 8] else agent
    return np.stack(found)


_SCENES: tuple[tuple[int, Callable[[Rng, int, int, int], np.ndarray]], ...] = (
    (8, rooms),
    (12, table),
    (15, bowls),
    (17, zones),
    (18, pole),
    (19, bricks),
    (20, maze),
)
