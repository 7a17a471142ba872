"""The scenario page in a real browser: dragged, saved, loaded, compared, by keyboard alone, and audited."""

from __future__ import annotations

import re

import pytest

from alignment_lib.planning.register.scenario_reading import read_scenarios

NOT_STALE = '#explorer[data-stale="false"]'


def plan_value(tab):
    text = tab.locator(".ax-fact .ax-value").first.inner_text()
    return float(re.sub(r"[^\d.]", "", text.replace(",", "")))


def answered(tab, act):
    """Do something and wait until the page has drawn the answer."""
    before = tab.locator("#explorer").get_attribute("data-answered")
    act()
    for _ in range(400):
        if tab.locator("#explorer").get_attribute("data-answered") != before:
            break
        tab.wait_for_timeout(25)
    else:
        pytest.fail("the page did not answer")
    tab.wait_for_selector(NOT_STALE)


def drag(tab, slider, share):
    """Drag a slider's thumb to a share of its width."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    least, most = float(slider.get_attribute("min")), float(slider.get_attribute("max"))
    value = float(slider.input_value())
    inner = box["width"] - 16
    y = box["y"] + 9
    tab.mouse.move(box["x"] + 8 + inner * (value - least) / (most - least), y)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 8 + inner * share, y, steps=12)
    tab.mouse.up()


def counted_slider(tab):
    """The first slider whose assumption counts and changes this round."""
    return tab.get_by_role("slider", name=re.compile("House Blend list price"))


def test_a_dragged_slider_moves_plan_charts_and_odds(editable, tab, shots):
    editable.open(tab)
    before, bridge = plan_value(tab), tab.locator('[data-chart="bridge"] svg').get_attribute("aria-label")
    odds = tab.locator(".ax-odds .ax-value").inner_text()
    answered(tab, lambda: drag(tab, counted_slider(tab), 0.95))
    assert plan_value(tab) != before
    assert tab.locator('[data-chart="bridge"] svg').get_attribute("aria-label") != bridge
    assert tab.locator(".ax-odds .ax-value").inner_text() != ""
    assert odds
    tab.screenshot(path=shots / "explorer.png")
    answered(tab, lambda: tab.get_by_role("button", name="Undo").click())
    assert plan_value(tab) == before


def test_a_scenario_is_saved_survives_a_reload_and_is_compared(editable, tab, shots):
    editable.open(tab)
    answered(tab, lambda: drag(tab, counted_slider(tab), 0.2))
    wanted = plan_value(tab)
    tab.get_by_role("button", name="Save as").click()
    tab.get_by_label("Name", exact=True).fill("dearer beans")
    tab.get_by_label("Reason").fill("what if the price does bite")
    tab.get_by_role("button", name="Save scenario").click()
    tab.get_by_text("Saved dearer beans to scenarios.yaml.").wait_for()
    ids = re.findall(r"R\d\dQ\d-\d+", (editable.folder / "assumptions.csv").read_text(encoding="utf-8"))
    saved = read_scenarios(editable.folder / "scenarios.yaml", ids)["dearer beans"]
    assert saved.reason == "what if the price does bite"
    editable.open(tab)
    answered(tab, lambda: tab.get_by_label("Scenario shown").select_option("dearer beans"))
    assert plan_value(tab) == wanted
    tab.get_by_role("button", name="Compare").click()
    for label in ("Consensus", "As proposed", "dearer beans"):
        tab.get_by_role("checkbox", name=label, exact=True).check()
    tab.get_by_role("button", name="Show").click()
    chart = tab.locator(".ax-panel svg")
    chart.wait_for()
    assert "dearer beans: plan" in chart.get_attribute("aria-label")
    assert tab.locator(".ax-compared table").count() == 2
    tab.screenshot(path=shots / "explorer-compare.png")
    tab.get_by_role("button", name="Delete").click()
    tab.get_by_role("button", name="Delete dearer beans?").click()
    tab.get_by_text("Deleted dearer beans.").wait_for()


def test_two_people_do_not_overwrite_each_other(editable, chromium, tab):
    editable.open(tab)
    second = chromium.new_context().new_page()
    editable.open(second)
    for page, reason in ((tab, "mine"), (second, "yours")):
        page.get_by_role("button", name="Save as").click()
        page.get_by_label("Name", exact=True).fill("shared name")
        page.get_by_label("Reason").fill(reason)
        page.get_by_role("button", name="Save scenario").click()
        page.locator(".ax-notice span").wait_for()
    assert "exists already; load it first or use another name" in second.locator(".ax-notice").inner_text()
    second.context.close()


def press_until(tab, role, words, *, back=False):
    """Press Tab until the control with these words has the focus."""
    for _ in range(150):
        tab.keyboard.press("Shift+Tab" if back else "Tab")
        found = tab.evaluate(
            "() => { const e = document.activeElement; return ["
            "e.tagName === 'BUTTON' ? 'BUTTON' : e.type || e.tagName, "
            "(e.labels?.[0]?.textContent || '') + (e.getAttribute('aria-label') || '') + e.textContent] }"
        )
        if found[0] == role and words in found[1]:
            return
    pytest.fail(f"{words} was not reached by Tab")


def test_the_page_works_by_keyboard_alone(editable, tab):
    editable.open(tab)
    before = plan_value(tab)

    press_until(tab, "range", "House Blend list price")
    press_until(tab, "radio", "counts")
    for _ in range(2):
        answered(tab, lambda: tab.keyboard.press("ArrowRight"))
    dropped = plan_value(tab)
    assert dropped != before
    answered(tab, lambda: tab.keyboard.press("ArrowLeft"))
    assert plan_value(tab) not in (before, dropped)
    answered(tab, lambda: tab.keyboard.press("ArrowLeft"))
    assert plan_value(tab) == before
    press_until(tab, "range", "House Blend list price", back=True)
    for _ in range(3):
        answered(tab, lambda: tab.keyboard.press("ArrowRight"))
    assert plan_value(tab) != before
    for _ in range(3):
        answered(tab, lambda: tab.keyboard.press("Control+z"))
    assert plan_value(tab) == before


def test_a_scenario_is_saved_by_keyboard_alone(editable, tab):
    editable.open(tab)
    press_until(tab, "BUTTON", "Save as")
    tab.keyboard.press("Enter")
    # The panel takes the focus itself.
    tab.keyboard.type("by keys")
    tab.keyboard.press("Tab")
    tab.keyboard.type("no mouse at hand")
    tab.keyboard.press("Enter")
    tab.get_by_text("Saved by keys to scenarios.yaml.").wait_for()
    press_until(tab, "BUTTON", "Delete")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    tab.get_by_text("Deleted by keys.").wait_for()


def test_a_product_chosen_is_shown_in_the_charts_and_the_list(editable, tab):
    editable.open(tab)
    whole, rows = plan_value(tab), tab.locator(".ax-row:not([hidden])").count()
    answered(tab, lambda: tab.get_by_label("Product (filter)").select_option("House Blend"))
    assert 0 < plan_value(tab) < whole
    assert tab.locator(".ax-row:not([hidden])").count() < rows
    assert "House Blend" in tab.locator('[data-chart="bridge"] figcaption').inner_text()
    assert tab.locator('[data-chart="leads"]').count() == 0
    answered(tab, lambda: tab.get_by_label("Product (filter)").select_option(""))
    assert plan_value(tab) == whole
    tab.locator('[data-chart="leads"]').wait_for()


def test_a_solution_is_used_in_one_step_and_undone_in_one(editable, tab):
    editable.open(tab)
    before = plan_value(tab)
    tab.get_by_role("button", name="Solve for target").click()
    tab.get_by_label("Target of all sales").fill(str(round(before * 1.003)))
    tab.get_by_label("Solved by").select_option("*")
    tab.get_by_role("button", name="Solve", exact=True).click()
    answered(tab, lambda: tab.get_by_role("button", name="Use all of it").click())
    assert plan_value(tab) == pytest.approx(before * 1.003, rel=1e-3)
    answered(tab, lambda: tab.get_by_role("button", name="Undo").click())
    assert plan_value(tab) == before


def test_long_work_is_cancelled_and_changes_nothing(editable, tab):
    editable.open(tab)
    before = plan_value(tab)
    tab.get_by_role("button", name="Solve for target").click()
    tab.get_by_label("so that").select_option("0.9")
    tab.get_by_role("button", name="Solve", exact=True).click()
    tab.get_by_text("Solving for the target …").wait_for()
    # By keyboard, as somebody would who is tired of waiting.
    press_until(tab, "BUTTON", "Cancel")
    tab.keyboard.press("Enter")
    tab.get_by_text("Stopped; nothing has changed.").wait_for(timeout=2_000)
    tab.wait_for_timeout(2_000)
    assert tab.locator(".ax-panel li").count() == 0
    assert plan_value(tab) == before
    answered(tab, lambda: drag(tab, counted_slider(tab), 0.9))
    assert plan_value(tab) != before


def test_the_sales_and_the_span_chosen_are_what_is_shown_and_solved_for(editable, tab):
    editable.open(tab)
    answered(tab, lambda: tab.get_by_label("Product (filter)").select_option("House Blend"))
    tab.get_by_role("button", name="Solve for target").click()
    assert float(tab.get_by_label("Target of House Blend, 2026Q1, units").input_value()) == 11_100
    answered(tab, lambda: tab.get_by_label("Figures of (filter)").select_option("2026Q2"))
    assert tab.locator('[data-chart="bridge"] figcaption').inner_text().endswith("2026Q2")
    field = tab.get_by_label("Target of House Blend, 2026Q2, units")
    assert field.input_value() == ""
    before = plan_value(tab)
    field.fill(str(round(before * 1.002)))
    tab.get_by_label("Solved by").select_option("*")
    tab.get_by_role("button", name="Solve", exact=True).click()
    answered(tab, lambda: tab.get_by_role("button", name="Use all of it").click())
    assert plan_value(tab) == pytest.approx(before * 1.002, rel=1e-3)


def test_on_a_phone_assumptions_and_charts_take_turns_below_the_plan(editable, tab):
    tab.set_viewport_size({"width": 390, "height": 844})
    editable.open(tab)
    assert tab.get_by_role("slider").first.is_visible()
    assert not tab.locator('[data-chart="bridge"]').is_visible()
    tab.get_by_role("button", name="Charts", exact=True).click()
    assert tab.locator('[data-chart="bridge"]').is_visible()
    assert not tab.get_by_role("slider").first.is_visible()
    tab.mouse.wheel(0, 900)
    tab.wait_for_timeout(200)
    assert tab.locator(".ax-head").bounding_box()["y"] >= -1


def test_solving_and_exporting(editable, tab):
    editable.open(tab)
    tab.get_by_role("button", name="Solve for target").click()
    tab.get_by_role("button", name="Solve", exact=True).click()
    tab.locator(".ax-panel li").first.wait_for()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Export to Excel").click()
    assert download.value.suggested_filename == "2026Q1 consensus.xlsx"


def test_a_wrong_number_is_one_sentence(editable, tab):
    editable.open(tab)
    field = tab.get_by_role("spinbutton", name=re.compile("House Blend list price"))
    field.fill("")
    field.press("Tab")
    text = tab.locator(".ax-notice").inner_text()
    assert "is not a number; type digits with a decimal point" in text


def test_a_reader_sees_everything_and_can_save_nothing(read_only, tab):
    read_only.open(tab)
    assert tab.get_by_text("read-only").count() == 1
    assert tab.get_by_role("button", name="Save as").count() == 0
    assert tab.get_by_role("button", name="Delete").count() == 0
    assert tab.get_by_role("slider").count() > 10


def test_a_page_without_its_token_says_what_to_do(read_only, tab):
    answer = tab.goto(read_only.address.split("?")[0])
    assert answer.status == 403
    assert "token included" in tab.locator("body").inner_text()


def row_of(tab, name):
    return tab.locator("li.ax-row").filter(has=tab.get_by_role("radiogroup", name=name))


def test_a_moderator_doubts_drops_moves_saves_and_opens_again(editable, tab, shots):
    editable.open(tab)
    before = plan_value(tab)
    tab.wait_for_selector("#explorer[data-decided]")
    assert row_of(tab, "R26Q1-02").locator(".ax-decision").inner_text().startswith("Accepted alone +")
    row_of(tab, "R26Q1-02").get_by_role("button", name="what stands behind").click()
    assert "Claim and action dropped" in row_of(tab, "R26Q1-02").locator("table").inner_text()
    cut, points = row_of(tab, "R26Q1-03"), row_of(tab, "R26Q1-04")
    answered(tab, lambda: cut.locator("label", has_text="doubted").click())
    doubted = plan_value(tab)
    answered(tab, lambda: cut.locator("label", has_text="dropped").click())
    assert plan_value(tab) < doubted < before
    points.get_by_role("button", name="Move or scale R26Q1-04").click()
    points.get_by_label("times as strong").fill("0")
    points.get_by_role("button", name="Move", exact=True).click()
    tab.get_by_text("type a number above zero, or drop it").wait_for()
    points.get_by_label("from", exact=True).fill("2026-03-09")
    points.get_by_label("times as strong").fill("0.5")
    answered(tab, lambda: points.get_by_role("button", name="Move", exact=True).click())
    assert points.locator(".ax-moved").inner_text() == "9 March 2026 to 22 March 2026, 0.5 times as strong"
    wanted = plan_value(tab)
    tab.screenshot(path=shots / "explorer-actions.png")
    tab.get_by_role("button", name="Save as").click()
    tab.get_by_label("Name", exact=True).fill("less push")
    tab.get_by_label("Reason").fill("what is left without the cut")
    tab.get_by_role("button", name="Save scenario").click()
    tab.get_by_text("Saved less push to scenarios.yaml.").wait_for()
    editable.open(tab)
    answered(tab, lambda: tab.get_by_label("Scenario shown").select_option("less push"))
    assert plan_value(tab) == wanted
    assert row_of(tab, "R26Q1-03").get_by_role("radio", name="dropped").is_checked()
    assert row_of(tab, "R26Q1-04").locator(".ax-moved").inner_text().startswith("9 March 2026")
    tab.get_by_role("button", name="Delete").click()
    tab.get_by_role("button", name="Delete less push?").click()
    tab.get_by_text("Deleted less push.").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1360, 950), (390, 844)])
def test_axe_finds_nothing_serious_and_nothing_overflows(editable, tab, shots, size, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.emulate_media(color_scheme=scheme)
    editable.open(tab)
    tab.wait_for_selector("#explorer[data-decided]")
    row_of(tab, "R26Q1-02").get_by_role("button", name="what stands behind").click()
    row_of(tab, "R26Q1-02").get_by_role("button", name="Move or scale").click()
    tab.get_by_role("button", name="Compare").click()
    found = axe.Axe().run(tab).response["violations"]
    grave = [
        (item["id"], item["nodes"][0]["html"][:120])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]
    assert grave == []
    assert tab.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    tab.screenshot(path=shots / f"page-{size[0]}-{scheme}.png", full_page=True)
