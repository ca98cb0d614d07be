import numpy as np

GRID = 10
BRICK_ROWS = slice(1, 4)


def shrink(img):
    """Undo the upscaling: take the middle pixel of each of the 10x10 cells."""
    step_y, step_x = img.shape[0] // GRID, img.shape[1] // GRID
    return img[step_y // 2::step_y, step_x // 2::step_x][:GRID, :GRID].astype(int)


def lit(img):
    return shrink(img).max(axis=2) > 40


def brick_count(img):
    return int(lit(img)[BRICK_ROWS].sum())


def bricks_left(frame, initial_frame):
    start = brick_count(initial_frame)
    return brick_count(frame) / start if start else 0.0


def brick_hit(frame, previous_frame):
    return brick_count(frame) < brick_count(previous_frame)


def ball_above_paddle(frame):
    cells = lit(frame)
    paddle = np.flatnonzero(cells[-1])
    ball = np.argwhere(cells[BRICK_ROWS.stop:-1])
    if paddle.size == 0 or len(ball) == 0:
        return False
    # ball and its trail may both be lit: use the lower of the two
    column = ball[ball[:, 0].argmax(), 1]
    return bool(np.abs(paddle - column).min() <= 1)


def all_cleared(frame, initial_frame):
    return brick_count(initial_frame) > 0 and brick_count(frame) == 0
