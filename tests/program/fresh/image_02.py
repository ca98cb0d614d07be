"""Staged reward for DoorKey-8x8 computed from the rendered picture only.

The object remembers where the key, the door and the goal were in the first
picture of the episode and pays a bonus exactly once for every stage.
"""
from __future__ import annotations

import cv2
import numpy as np

TILE_SIZE = 8

# Inclusive RGB ranges.
YELLOW_LO, YELLOW_HI = (90, 90, 0), (255, 255, 70)
RED_LO, RED_HI = (150, 0, 0), (255, 90, 90)
GREEN_LO, GREEN_HI = (0, 150, 0), (90, 255, 90)

KEY_BONUS = 0.25
DOOR_BONUS = 0.35
GOAL_BONUS = 1.0
STEP_PENALTY = -0.001


class DoorKeyReward:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._key_tile: tuple[int, int] | None = None
        self._door_tile: tuple[int, int] | None = None
        self._goal_tile: tuple[int, int] | None = None
        self._door_pixels = 0
        self._has_key = False
        self._door_open = False
        self._done = False

    def step(self, frame: np.ndarray) -> float:
        if self._goal_tile is None:
            self._locate_objects(frame)
            return 0.0

        reward = STEP_PENALTY

        if not self._has_key and self._key_is_gone(frame):
            self._has_key = True
            reward += KEY_BONUS

        if self._has_key and not self._door_open and self._door_is_open(frame):
            self._door_open = True
            reward += DOOR_BONUS

        if not self._done and self._agent_on_goal(frame):
            self._done = True
            reward += GOAL_BONUS

        return float(reward)

    # ------------------------------------------------------------------
    # perception
    # ------------------------------------------------------------------
    def _locate_objects(self, frame: np.ndarray) -> None:
        yellow = self._tile_counts(frame, YELLOW_LO, YELLOW_HI)
        green = self._tile_counts(frame, GREEN_LO, GREEN_HI)

        order = np.argsort(yellow, axis=None)[::-1]
        cols = yellow.shape[1]
        door, key = divmod(int(order[0]), cols), divmod(int(order[1]), cols)

        self._door_tile = door
        self._door_pixels = int(yellow[door])
        self._key_tile = key if yellow[key] > 0 else None
        self._goal_tile = divmod(int(green.argmax()), green.shape[1])

    def _key_is_gone(self, frame: np.ndarray) -> bool:
        if self._key_tile is None:
            return False
        counts = self._tile_counts(frame, YELLOW_LO, YELLOW_HI)
        return counts[self._key_tile] == 0

    def _door_is_open(self, frame: np.ndarray) -> bool:
        counts = self._tile_counts(frame, YELLOW_LO, YELLOW_HI)
        return counts[self._door_tile] < 0.75 * self._door_pixels

    def _agent_on_goal(self, frame: np.ndarray) -> bool:
        counts = self._tile_counts(frame, RED_LO, RED_HI)
        agent = divmod(int(counts.argmax()), counts.shape[1])
        return counts[agent] > 3 and agent == self._goal_tile

    @staticmethod
    def _tile_counts(frame, lo, hi) -> np.ndarray:
        mask = cv2.inRange(frame, np.array(lo, np.uint8), np.array(hi, np.uint8)) > 0
        rows, cols = mask.shape[0] // TILE_SIZE, mask.shape[1] // TILE_SIZE
        mask = mask[: rows * TILE_SIZE, : cols * TILE_SIZE]
        return mask.reshape(rows, TILE_SIZE, cols, TILE_SIZE).sum(axis=(1, 3))
