"""Order picking in a warehouse.

Items are positive integers; 0 stands for an empty slot in every array.  The order is a
multiset: it may ask for the same item more than once.
"""
from collections import Counter

import numpy as np


def _bag(items) -> Counter:
    return Counter(int(i) for i in np.ravel(items) if i != 0)


class OrderPickingReward:
    PICK = 0.5
    DELIVER = 2.0
    WRONG_DELIVERY = -3.0
    USELESS_CARGO = -0.05
    COMPLETE = 10.0
    STEP_COST = -0.01
    APPROACH = 0.05

    def __init__(self):
        self.reset()

    def reset(self):
        self.prev_delivered = None
        self.max_useful = 0
        self.prev_distance = None
        self.complete = False

    def step(self, shelf_items, order, robot_cell, carried, delivered):
        wanted = _bag(order)
        got = _bag(delivered)
        cargo = _bag(carried)

        reward = self.STEP_COST

        # --- deliveries -------------------------------------------------------
        if self.prev_delivered is not None:
            fulfilled_before = sum((self.prev_delivered & wanted).values())
            surplus_before = sum((self.prev_delivered - wanted).values())
            reward += self.DELIVER * (sum((got & wanted).values()) - fulfilled_before)
            reward += self.WRONG_DELIVERY * max(0, sum((got - wanted).values()) - surplus_before)
        self.prev_delivered = got

        # --- picking ----------------------------------------------------------
        outstanding = wanted - got
        useful = cargo & outstanding
        useless = cargo - outstanding

        # Count delivered items too, so that putting one down and picking it up again pays once.
        secured = sum(useful.values()) + sum((got & wanted).values())
        if secured > self.max_useful:
            reward += self.PICK * (secured - self.max_useful)
            self.max_useful = secured
        reward += self.USELESS_CARGO * sum(useless.values())

        # --- moving towards the nearest shelf cell that holds something needed -
        to_pick = outstanding - cargo
        has_room = np.any(carried == 0)
        distance = None
        if to_pick and has_room:
            mask = np.isin(shelf_items, list(to_pick))
            cells = np.argwhere(mask)
            if len(cells) > 0:
                distance = int(np.abs(cells - robot_cell).sum(axis=1).min())
        if distance is not None and self.prev_distance is not None:
            reward += self.APPROACH * np.clip(self.prev_distance - distance, -1, 1)
        self.prev_distance = distance

        # --- whole order ------------------------------------------------------
        if not outstanding and wanted and not self.complete:
            self.complete = True
            reward += self.COMPLETE

        return float(reward)
