"""Profiles are data: shipped ones are sound, the user's own are held to the same checks."""

from __future__ import annotations

import pytest

from alignment_lib.app.imports.import_data import import_data
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.proposing.export_profiles import (
    Profile,
    find_profile,
    read_profiles,
    shipped_profiles,
)
from alignment_lib.inputs.words.column_words import load_roles

OWN = """# our till
system = "Till"
kind = "order_lines"
recognised_by = ["Bon", "Wann", "Was*"]
aside = ["Bon"]

[columns]
date = "Wann"
units = ["Wieviel", "Stk"]

[dimensions]
product = "Was*"
"""
TILL = "Bon;Wann;Was genau;Wieviel;Rest\n" + "".join(
    f"{n};2025-01-{6 + n:02d};{('Tea', 'Cake')[n % 2]};{n};x{n}\n" for n in range(1, 9)
)


def test_every_usual_system_has_a_profile():
    systems = {profile.system for profile in shipped_profiles()}
    assert {
        "HubSpot",
        "Salesforce",
        "Pipedrive",
        "Microsoft Dynamics 365",
        "Zoho CRM",
        "Google Ads",
    } <= systems
    assert {"Meta Ads", "LinkedIn Campaign Manager", "Shopify", "Amazon", "SAP", "Odoo"} <= systems


@pytest.mark.parametrize("profile", shipped_profiles(), ids=lambda profile: profile.name)
def test_a_shipped_profile_recognises_an_export_of_its_own_headings(profile):
    first = [patterns[0] for patterns in (*profile.columns.values(), *profile.dimensions.values())]
    headings = [name.replace("*", "x") for name in dict.fromkeys((*first, *profile.recognised_by))]
    found = find_profile(headings, shipped_profiles(), profile.kind)
    assert found is not None
    assert len(found.recognised_by) >= len(profile.recognised_by)
    assert set(profile.columns) <= {role.name for role in load_roles()[profile.kind]}


def put(folder, text, name="till.toml"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_users_profile_in_the_workspace_is_used_first(tmp_path):
    put(tmp_path / "unit" / "imports" / "profiles", OWN)
    source = tmp_path / "till.csv"
    source.write_text(TILL, encoding="utf-8")
    mapping = import_data(source, tmp_path / "unit").mapping
    assert (mapping.profile, mapping.kind) == ("till", "order_lines")
    assert mapping.columns == {"date": "Wann", "units": "Wieviel"}
    assert mapping.dimensions == {"product": "Was genau"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not = [toml", "TOML"),
        ('kind = "nothing"\nrecognised_by = ["a"]\n', "kind = 'nothing'"),
        ('kind = "leads"\n', "no recognised_by"),
        ('kind = "leads"\nrecognised_by = []\n', "no recognised_by"),
        ('kind = "leads"\nrecognised_by = "Lead ID"\n', "recognised_by"),
        ('kind = "leads"\nrecognised_by = ["a"]\nexec = "rm -rf /"\n', "exec"),
        ('kind = "leads"\nrecognised_by = ["a"]\n[columns]\ncrated = "b"\n', "crated"),
        ('kind = "leads"\nrecognised_by = ["a"]\n[columns]\ncreated = 7\n', "columns.created"),
        ('kind = "leads"\nrecognised_by = ["a"]\n[outcomes]\nDone = "maybe"\n', "won, lost or nothing"),
        ('kind = "leads"\nrecognised_by = ["a"]\naside = [1]\n', "aside"),
    ],
)
def test_faults_of_a_profile_are_named(tmp_path, text, message):
    with pytest.raises(InputError, match=r"till\.toml") as caught:
        read_profiles(put(tmp_path / "p", text))
    assert message in str(caught.value)


def test_all_faults_of_all_profiles_are_said_at_once(tmp_path):
    folder = put(tmp_path / "p", 'kind = "leads"\nrecognised_by = ["a"]\n[columns]\nx = 1\ny = "b"\n')
    put(folder, "broken = [", "other.toml")
    with pytest.raises(InputError) as caught:
        read_profiles(folder)
    assert len(caught.value.problems) >= 3


def test_links_and_large_files_are_no_profiles(tmp_path):
    folder = put(tmp_path / "p", OWN, "real.txt")
    (folder / "link.toml").symlink_to(folder / "real.txt")
    with pytest.raises(InputError, match=r"link\.toml"):
        read_profiles(folder)
    (folder / "link.toml").unlink()
    put(folder, "# " + "x" * 300_000, "large.toml")
    with pytest.raises(InputError, match="large"):
        read_profiles(folder)
    (folder / "large.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"large\.toml"):
        read_profiles(folder)


def test_patterns_match_in_order_and_never_run_away():
    profile = Profile("p", "", "leads", ("a*b*c",), {})
    assert profile.recognises(["xx", "A-b-C"])
    assert not profile.recognises(["acb"])
    hard = Profile("p", "", "leads", ("*a" * 40 + "b",), {})
    assert not hard.recognises(["a" * 20_000])


def test_without_a_folder_there_are_no_profiles(tmp_path):
    assert read_profiles(tmp_path / "none") == ()
