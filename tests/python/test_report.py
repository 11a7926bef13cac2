"""Reports drawn from made-up results."""

import json
import subprocess
import sys
from html.parser import HTMLParser

import h5py
import pytest
import synthetic_results

from ranvier import figures, report


class Reader(HTMLParser):
    """Texts, number of drawings and addresses of other files in a page."""

    def __init__(self, html):
        super().__init__()
        self.texts, self.drawings, self.others = [], 0, []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.drawings += tag == "svg"
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not value.startswith(("#", "data:")):
                self.others.append(value)

    def handle_data(self, data):
        self.texts.append(data.strip())


@pytest.fixture
def classification(tmp_path):
    synthetic_results.write_classification(tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def simulation(tmp_path):
    synthetic_results.write_simulation(tmp_path / "run")
    return tmp_path / "run"


def test_a_classification_shows_learning_decisions_calibration_and_an_example(classification):
    page = Reader(report.write_report(classification).read_text())
    assert page.drawings == 9
    text = " ".join(page.texts)
    assert "classify · ranvier 0.1.0 · seed 1 · threads 2" in page.texts
    for expected in ("98.09 %", "8.21 steps", "3.65×", "ECE 1.24 %", "accuracy (%)"):
        assert expected in text
    for expected in ("top_k_gap", "97.41 %", "AUROC 0.951", "saved of T_base", "0.009 to 0.019"):
        assert expected in text
    assert "Exit rules compared" in page.texts
    for heading in ("Learning", "Answering early", "Calibration", "One sample", "Configuration"):
        assert heading in page.texts


def test_a_simulation_shows_spikes_rates_and_recordings(simulation):
    page = Reader(report.write_report(simulation).read_text())
    assert page.drawings == 2
    text = " ".join(page.texts)
    for expected in ("time (ms)", "rate per neuron (Hz)", "(mV)", "excitatory", "9.8 Hz"):
        assert expected in text
    for statistic in ("CV of intervals", "0.87", "correlation of counts", "0.0123"):
        assert statistic in text


@pytest.mark.parametrize("kind", ["classification", "simulation"])
def test_a_page_is_complete_in_itself_and_escapes_names(kind, request):
    page = Reader(report.write_report(request.getfixturevalue(kind)).read_text())
    assert page.others == []
    assert any("& <made up>" in text for text in page.texts)


def test_the_compiled_part_is_not_needed(classification):
    program = (
        "import sys; sys.modules['ranvier._core'] = None\n"
        "import ranvier.report\n"
        f"sys.exit(ranvier.report.main([{str(classification)!r}]))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    assert (classification / "report.html").is_file()


def test_results_without_agent_or_validation_still_make_a_page(classification):
    with h5py.File(classification / "results.h5", "a") as file:
        for name in ("inference", "calibration", "example"):
            del file[name]
        del file["learning/validation_accuracy"]
    (classification / "metrics.json").unlink()
    page = Reader(report.write_report(classification).read_text())
    assert page.drawings == 2
    assert "98.12 %" in page.texts


def test_a_run_without_any_spike_makes_a_page(simulation):
    with h5py.File(simulation / "results.h5", "a") as file:
        for name in ("excitatory", "inhibitory"):
            del file["spikes"][name]
    report.write_report(simulation)


def test_a_folder_that_holds_no_results_is_refused(tmp_path, capsys):
    assert report.main([str(tmp_path)]) == 1
    assert "holds no results.h5" in capsys.readouterr().err
    (tmp_path / "results.h5").write_bytes(b"noise")
    assert report.main([str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_nothing_but_the_report_is_left_behind(classification):
    before = set(classification.iterdir())
    report.write_report(classification)
    assert set(classification.iterdir()) - before == {classification / "report.html"}


def test_an_earlier_report_survives_a_failure(classification):
    path = report.write_report(classification)
    earlier = path.read_text()
    (classification / "metrics.json").write_text("{")
    with pytest.raises(json.JSONDecodeError):
        report.write_report(classification)
    assert path.read_text() == earlier


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (12345, "12\u202f345"),
        (0.012344, "0.01234"),
        (123456.7, "123\u202f457"),
        ("word", "word"),
        (3.0, "3"),
    ],
)
def test_figures_are_written_for_people(value, text):
    assert figures.number(value) == text
