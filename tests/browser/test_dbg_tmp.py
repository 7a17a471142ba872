import sys; sys.path.insert(0,'/work/main/tests/browser')
from test_jupyterlab import lab, run_notebook, TOKEN
def test_dbg(lab, tab):
    out=open('/tmp/explorer/dbg.txt','w')
    state = run_notebook(tab, lab, "4_scenarios"); print(state,file=out)
    tab.wait_for_selector('.alignment-explorer[data-ready][data-stale="false"]')
    tab.evaluate("""() => { window.seen=[]; new MutationObserver(() => window.seen.push([performance.now()|0, document.querySelector('.ax-value')?.textContent, document.querySelector('.alignment-explorer').dataset.stale])).observe(document.querySelector('.alignment-explorer'), {subtree:true, childList:true, attributes:true, attributeFilter:['data-stale']}) }""")
    plan = tab.locator(".alignment-explorer .ax-value").first
    before = plan.inner_text()
    s = tab.locator('.alignment-explorer input[type=range][aria-label*="House Blend list price"]')
    s.focus(); tab.keyboard.press("End")
    tab.wait_for_function("(text) => document.querySelector('.ax-value').textContent !== text", arg=before)
    tab.keyboard.press("Control+z")
    tab.wait_for_timeout(5000)
    print(repr(before), tab.evaluate("() => window.seen"), tab.locator('.ax-notice').all_inner_texts(),file=out)
    print(repr(plan.inner_text()), repr(plan.text_content()), tab.evaluate("() => document.activeElement.outerHTML.slice(0,80)"), file=out)
    out.close()
