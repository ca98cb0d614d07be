"""Warehouse order-picking reward.

Item ids are positive integers and zero means "nothing".  Orders, carried items
and deliveries are multisets, so everything is compared with ``Counter``:
delivering two of an item that was ordered once counts as one correct and one
wrong delivery.
"""

from collections import Counter

import numpy as np

CORRECT_DELIVERY = 5.0
WRONG_DELIVERY = -4.0
ORDER_COMPLETE = 20.0
PICK_USEFUL = 0.5
PICK_USELESS = -0.5
STEP_COST = -0.02
IDLE_COST = -0.05


def to_counter(items):
    """Multiset of the non-zero item ids in an array."""
    return Counter(int(i) for i in np.ravel(items) if i != 0)


def split_delivery(order, delivered):
    """Return (number correct, number wrong) for two multisets."""
    correct = order & delivered
    wrong = delivered - order
    return sum(correct.values()), sum(wrong.values())


class OrderReward:
    def __init__(self):
        self.reset()

    def reset(self):
        self._prev_correct = 0
        self._prev_wrong = 0
        self._prev_carried = Counter()
        self._prev_cell = None
        self._complete = False

    def step(self, shelf_items, order, robot_cell, carried, delivered):
        order = to_counter(order)
        delivered = to_counter(delivered)
        carried = to_counter(carried)

        parts = {"time": STEP_COST}

        # Deliveries: pay for the change since the last step.
        n_correct, n_wrong = split_delivery(order, delivered)
        parts["correct"] = CORRECT_DELIVERY * (n_correct - self._prev_correct)
        parts["wrong"] = WRONG_DELIVERY * max(0, n_wrong - self._prev_wrong)
        self._prev_correct, self._prev_wrong = n_correct, n_wrong

        # Picks: is what was just picked up still needed?
        outstanding = order - delivered
        picked = carried - self._prev_carried
        useful = 0
        useless = 0
        for item, count in picked.items():
            already_held = self._prev_carried[item]
            still_needed = max(outstanding[item] - already_held, 0)
            useful += min(count, still_needed)
            useless += max(count - still_needed, 0)
        parts["pick"] = PICK_USEFUL * useful + PICK_USELESS * useless

        # Putting a needed item back on a shelf gives the pick reward back, so
        # that picking and dropping in a loop earns nothing.
        dropped = self._prev_carried - carried
        if dropped and parts["correct"] == 0 and parts["wrong"] == 0:
            parts["pick"] -= PICK_USEFUL * sum(
                min(n, outstanding[item]) for item, n in dropped.items()
            )
        self._prev_carried = carried

        # Standing still while there is something left to fetch.
        cell = tuple(robot_cell.tolist())
        available = to_counter(shelf_items)
        can_fetch = bool(outstanding & available)
        if cell == self._prev_cell and can_fetch and not picked and not dropped:
            parts["idle"] = IDLE_COST
        self._prev_cell = cell

        if not outstanding and order and not self._complete:
            self._complete = True
            parts["complete"] = ORDER_COMPLETE / (1 + n_wrong)

        return float(sum(parts.values())), parts
