DEMO_SEED = 2026


class Demo:
    pass


def draw_demo():
    pass
