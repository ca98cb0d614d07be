import numpy as np


def staged_stack_reward(
    ee_pos: np.ndarray,
    gripper_width: np.float32,
    cube_a_pos: np.ndarray,
    cube_b_pos: np.ndarray,
    grasped: bool,
    qvel: np.ndarray,
    action: np.ndarray,
) -> float:
    """Stack cube A on cube B.

    Stages: reach A (0..1), grasp (2), carry A above B (2..4), place and let go (6..8).
    The result is normalised to roughly [0, 1].
    """
    cube_size = 0.04

    # reach
    tcp_to_a = np.linalg.norm(ee_pos - cube_a_pos)
    reward = 1.0 - np.tanh(5.0 * tcp_to_a)

    # carry
    target = cube_b_pos + np.array([0.0, 0.0, cube_size], dtype=cube_b_pos.dtype)
    offset = cube_a_pos - target
    a_to_target = np.linalg.norm(offset)
    if grasped:
        reward = 2.0 + 2.0 * (1.0 - np.tanh(5.0 * a_to_target))

    # place
    xy_aligned = np.linalg.norm(offset[:2]) <= 0.5 * cube_size * np.sqrt(2) + 0.005
    z_aligned = np.abs(offset[2]) <= 0.005
    on_top = xy_aligned and z_aligned
    if on_top:
        openness = 1.0 if not grasped else np.clip(gripper_width / 0.08, 0.0, 1.0)
        stillness = 1.0 - np.tanh(10.0 * np.linalg.norm(qvel[:7]) / 7.0)
        reward = 6.0 + 0.5 * (openness + stillness)

        if not grasped and np.max(np.abs(qvel[:7])) < 0.2:
            reward = 8.0

    reward -= 0.01 * np.mean(np.square(action))
    return float(reward / 8.0)
