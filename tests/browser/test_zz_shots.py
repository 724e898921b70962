import os
import pytest
from tests.browser.test_every_page import *
del globals()["test_no_page_has_a_finding"], globals()["test_no_page_of_strangers_and_newcomers_has_a_finding"]
def test_shots(windows, full):
    out="/tmp/shots"; os.makedirs(out, exist_ok=True)
    sizes=os.environ.get("SHOTS","phone-light,desk-light").split(",")
    only=os.environ.get("ONLY","").split(",") if os.environ.get("ONLY") else None
    for s in sizes:
        w,c=s.split("-")
        v=windows.open(size=PHONE if w=="phone" else DESK, dark=c=="dark", touch=w=="phone")
        p=v.open("/accounts/login/"); p.screenshot(path=f"{out}/login-{s}.png")
        v.sign_in(full.business.owner)
        for n,path in full.paths.items():
            if only and n not in only: continue
            p=v.open(path); p.screenshot(path=f"{out}/{n}-{s}.png", full_page=True)
        for n,(pn,act) in STATES.items():
            if only and n not in only: continue
            p=v.open(full.paths[pn]); act(p); p.screenshot(path=f"{out}/{n}-{s}.png", full_page=n!="dialog")
        p=v.open("/nope"); p.screenshot(path=f"{out}/e404-{s}.png"); v.wrong.clear()
