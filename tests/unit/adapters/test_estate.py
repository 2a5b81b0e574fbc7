"""Traces of models in folders: found without loading or running anything."""

from assay.adapters.discovery.estate import traces


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_models_code_and_deployments_are_found(tmp_path):
    """Each by what it is, with the system of the manifest above it."""
    write(tmp_path, "credit/assay.yaml", "assay: 1\nsystem: {id: credit}\n")
    write(tmp_path, "credit/models/m.onnx", "weights")
    write(tmp_path, "bot/app.py", "import os\nfrom openai import OpenAI\nimport openai\n")
    write(
        tmp_path,
        "k8s/serve.yaml",
        "kind: InferenceService\nmetadata: {name: risk, labels: {assay.system: credit}}\n"
        "---\nkind: Service\nmetadata: {name: plain}\n",
    )
    found = {(item.kind, item.path, item.line, item.system) for item in traces(tmp_path)}
    home = tmp_path.name
    assert found == {
        ("model", f"{home}/credit/models/m.onnx", None, "credit"),
        ("code", f"{home}/bot/app.py", 2, ""),
        ("deployment", f"{home}/k8s/serve.yaml", None, "credit"),
    }


def test_what_is_not_ours_to_read_is_left_alone(tmp_path):
    """Links, environments, hidden folders, broken code, hostile YAML, and very long files."""
    write(tmp_path, "venv9/pyvenv.cfg", "")
    write(tmp_path, "venv9/m.onnx", "x")
    write(tmp_path, ".hidden/m.onnx", "x")
    write(tmp_path, "node_modules/m.onnx", "x")
    write(tmp_path, "broken.py", "import openai ((")
    write(tmp_path, "long.py", "import openai\n" + "#" * (2 << 20))
    write(tmp_path, "evil.yaml", "kind: &a [*a]\nx: !!python/object/apply:os.system [id]\n")
    write(tmp_path, "binary.py", "")
    (tmp_path / "binary.py").write_bytes(b"\xff\xfeimport openai")
    write(tmp_path, "real/m.bin", "x")
    (tmp_path / "m.onnx").symlink_to(tmp_path / "real/m.bin")
    assert list(traces(tmp_path)) == []


def test_a_submodule_counts_as_its_library(tmp_path):
    """`from google import genai` imports google.genai; a namesake does not."""
    write(tmp_path, "a.py", "from google import genai\nfrom sklearn.svm import SVC\n")
    write(tmp_path, "b.py", "import sklearnish\nfrom . import openai\n")
    assert [item.what.split(":")[0] for item in traces(tmp_path)] == [
        "imports google.genai",
        "imports sklearn",
    ]
