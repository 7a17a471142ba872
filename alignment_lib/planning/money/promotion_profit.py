"""What an action earned or lost: its units at what each of them leaves, less what it costs.

With W the sales without the action, G what it adds, m0 what one leaves at the usual price, m1 at that of the
action, md what one of the other products leaves, and F what is paid once:

``net margin = G m1 − W (m0 − m1) − pulled forward × m0 − cannibalised × md − F``

The second term is the margin given away on sales that would have come anyway. Break-even is the uplift G / W
at which the net margin is nothing, given the shares of G that are pulled forward and cannibalised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Action", "ActionProfit", "judge_action"]


@dataclass(frozen=True)
class Action:
    """An action in the plan's measure, and what one of it leaves.

    Attributes
    ----------
    without : float
        Sales without it.
    gross, gross_error : float
        What it adds before anything moves, and its standard error.
    pulled, taken : float
        Of that, borrowed from later and taken from other products.
    moved_error : float
        Standard error of the two together.
    usual_margin, action_margin, other_margin : float
        What one leaves at the usual price, at the action's (funding for each unit taken off), and what one of
        the other products leaves; NaN where a cost is not known.
    lump : float
        Our funding once an action.
    """

    without: float
    gross: float
    gross_error: float
    pulled: float
    taken: float
    moved_error: float
    usual_margin: float
    action_margin: float
    other_margin: float
    lump: float = 0.0


@dataclass(frozen=True)
class ActionProfit:
    """What an action comes to.

    Attributes
    ----------
    net, net_error : float
        Net of what moves, in the measure.
    given_away : float
        Margin given away on sales that would have come anyway.
    net_margin, net_margin_error : float
        In money.
    uplift, break_even : float
        Gross over sales without it, and what it takes to earn nothing; infinite where no uplift is enough.
    """

    net: float
    net_error: float
    given_away: float
    net_margin: float
    net_margin_error: float
    uplift: float
    break_even: float


def judge_action(action: Action) -> ActionProfit:
    """What an action comes to.

    Examples
    --------
    A cut of 20 % on 10.00 that cost 6.00 (4.00 left, then 2.00) brought 60 more on 100, 12 borrowed:

    >>> cut = Action(100, 60, 10, 12, 0, 2, 4.0, 2.0, 4.0)
    >>> found = judge_action(cut)
    >>> found.net, found.net_margin, round(found.net_margin_error, 1)
    (48, -128.0, 21.5)

    Even at 60 gross each unit gained leaves 2.00 less 0.2 × 4.00 borrowed: 167 are needed on 100.

    >>> round(found.break_even, 3)
    1.667
    """
    own, other = action.action_margin, action.other_margin if action.taken else 0.0
    given_away = action.without * (action.usual_margin - own)
    moved = action.pulled * action.usual_margin + action.taken * other
    net_margin = action.gross * own - given_away - moved - action.lump
    dearest = max(abs(action.usual_margin), abs(other))
    error = float(np.hypot(own * action.gross_error, dearest * action.moved_error))
    each = own - (moved / action.gross if action.gross else 0.0)
    fixed = given_away + action.lump
    needed = fixed / each if each > 0 else np.inf
    return ActionProfit(
        action.gross - action.pulled - action.taken,
        float(np.hypot(action.gross_error, action.moved_error)),
        given_away,
        net_margin,
        error,
        action.gross / action.without if action.without > 0 else np.nan,
        _break_even(needed, fixed, action.without, net_margin),
    )


def _break_even(needed: float, fixed: float, without: float, net_margin: float) -> float:
    if np.isnan(net_margin) or not without > 0:
        return np.nan
    return 0.0 if fixed <= 0 else float(needed / without)
