"""Saves a model of ncps (PyTorch) for Elegans: its weights, and what the weights do not tell.

    from ncps_to_safetensors import save
    save(model, "model.safetensors")          # ncps.torch.CfC (with or without a wiring) or LTC

then in Java: Network network = Models.load(Path.of("model.safetensors"));

Before anything is written, the equations of the saved kind are computed from what would be written and compared with
what the model gives on random input: a model that computes something else, for whatever reason, is refused.
"""

import copy
import json
import os
import struct

import torch
from ncps.torch import LTC, CfC
from torch import nn

ACTIVATIONS = {"LeCun": "lecun_tanh", "Tanh": "tanh", "ReLU": "relu", "SiLU": "silu", "GELU": "gelu"}
WRAPPERS = {
    "OptimizedModule": "_orig_mod",
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "AveragedModel": "module",
}
FUNCTIONS = {
    "lecun_tanh": lambda x: 1.7159 * torch.tanh(0.666 * x),
    "tanh": torch.tanh,
    "relu": torch.relu,
    "silu": nn.functional.silu,
    "gelu": nn.functional.gelu,
    "gelu_tanh": lambda x: nn.functional.gelu(x, approximate="tanh"),
}


def save(model, path):
    """Writes weights in float32 with the metadata, in the safetensors format.

    Raises TypeError for what is no ncps.torch.CfC or LTC, ValueError for one that computes something else than its
    class does.
    """
    model = unwrapped(model)
    known = metadata(model)
    tensors = agreed_weights(model, known)
    header = {"__metadata__": known}
    data = b""
    for name, tensor in tensors.items():
        chunk = tensor.to("cpu", torch.float32).contiguous().numpy().tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(chunk)],
        }
        data += chunk
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    os.replace(f"{path}.part", path)


def metadata(model):
    """What Elegans wants to know of an ncps model, all as text."""
    model = unwrapped(model)
    cell = model.rnn_cell
    known = {"input_size": model.input_size, "mixed_memory": str(model.use_mixed).lower()}
    if isinstance(model, LTC):
        known.update(
            cell="ltc",
            units=cell.state_size,
            output_size=cell.motor_size,
            ode_unfolds=cell._ode_unfolds,
            epsilon=cell._epsilon,
            input_mapping=cell._input_mapping or "none",
            output_mapping=cell._output_mapping or "none",
            implicit_param_constraints=str(cell._implicit_param_constraints).lower(),
        )
    elif hasattr(cell, "layer_0"):
        known.update(cell="wired_cfc", units=model.state_size, mode=cell.layer_0.mode)
    else:
        known.update(cell="cfc", hidden_size=model.state_size, mode=cell.mode)
        known.update(backbone_layers=cell.backbone_layers)
        if cell.backbone_layers > 0:
            known.update(activation=backbone_activation(cell.backbone))
    return {name: str(value) for name, value in known.items()}


def unwrapped(model):
    """The CfC or LTC in what torch.compile, DataParallel and the like put around it."""
    inner = model
    while isinstance(inner, nn.Module) and type(inner).__name__ in WRAPPERS:
        inner = inner.get_submodule(WRAPPERS[type(inner).__name__])
    if isinstance(inner, (CfC, LTC)):
        return inner
    message = f"save takes an ncps.torch.CfC or LTC, but this is a {type(model).__module__}.{type(model).__name__}"
    if isinstance(model, nn.Module):
        inside = [name for name, module in model.named_modules() if isinstance(module, (CfC, LTC))]
        if inside:
            message += f"; it holds {', '.join(repr(name) for name in inside[:3])}: "
            message += f"save(model.get_submodule({inside[0]!r}), path)"
    raise TypeError(message)


def backbone_activation(backbone):
    """The one activation of all layers, which may have dropout between them."""
    names = []
    for module in backbone:
        if isinstance(module, (nn.Linear, nn.Dropout)):
            continue
        name = ACTIVATIONS.get(type(module).__name__)
        if name == "gelu" and module.approximate == "tanh":
            name = "gelu_tanh"
        if name is None:
            raise ValueError(f"the backbone has a {type(module).__name__}, but Elegans knows {', '.join(ACTIVATIONS)}")
        names.append(name)
    if len(set(names)) != 1:
        raise ValueError(f"the backbone's layers must have one activation, but have {', '.join(names)}")
    return names[0]


def parameter_names(model, known):
    """The names of all that the equations need."""

    def cfc(prefix, activated):
        names = [f"{prefix}backbone.{i}" for i in activated] + [f"{prefix}ff1"]
        if known["mode"] != "pure":
            names += [f"{prefix}{head}" for head in ("ff2", "time_a", "time_b")]
        names = [f"{name}.{part}" for name in names for part in ("weight", "bias")]
        return names + ([f"{prefix}w_tau", f"{prefix}A"] if known["mode"] == "pure" else [])

    cell = model.rnn_cell
    if known["cell"] == "ltc":
        names = [f"rnn_cell.{name}" for name in cell._params]
    elif known["cell"] == "cfc":
        layers = [i for i, module in enumerate(cell.backbone or []) if isinstance(module, nn.Linear)]
        names = cfc("rnn_cell.", layers)
    else:
        names = []
        for layer in range(cell.num_layers):
            names += cfc(f"rnn_cell.layer_{layer}.", []) + [f"rnn_cell.layer_{layer}.sparsity_mask"]
    if model.use_mixed:
        names += ["lstm.input_map.weight", "lstm.input_map.bias", "lstm.recurrent_map.weight"]
    if isinstance(getattr(model, "fc", None), nn.Linear):
        names += ["fc.weight", "fc.bias"]
    return names


def agreed_weights(model, known):
    """The weights, with which the equations give what the model gives."""
    generator = torch.Generator().manual_seed(1)
    some = next(model.parameters())
    if some.dtype not in (torch.float32, torch.float64):
        # ncps keeps its states in single precision, and cannot run.
        return agreed_weights(copy.deepcopy(model).float(), known)
    x = torch.randn(5, model.input_size, generator=generator)
    timespans = 0.1 + 2 * torch.rand(5, generator=generator)
    training = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            axis = 0 if model.batch_first else 1
            given = model(
                x.to(some).unsqueeze(axis), timespans=timespans.to(some).unsqueeze(axis)
            )[0]
            # Only now: weights that hooks compute (weight_norm) are those of this pass.
            weights = {}
            for name in parameter_names(model, known):
                value = model
                for part in name.split("."):
                    value = getattr(value, part)
                weights[name] = value.detach().to("cpu", torch.float64)
            expected = outputs(known, weights, x.double(), timespans.double())
    finally:
        for module, mode in training.items():
            module.training = mode
    given = given.detach().to("cpu", torch.float64)
    different = f"this {type(model).__name__} computes something else than a {known['cell']} of ncps with its weights"
    if given.shape[-1] != expected.shape[-1]:
        raise ValueError(f"{different}: {given.shape[-1]} outputs instead of {expected.shape[-1]}")
    given = given.reshape(-1, expected.shape[-1])
    error = (given - expected[-len(given) :]).abs().max().item()
    if not error <= 1e-4 * max(1.0, expected.abs().max().item()):
        raise ValueError(
            f"{different}: they differ by {error:.3g}; has a module been replaced or a method overridden?"
        )
    return weights


def outputs(known, weights, x, timespans):
    """What ncps's equations give for one sequence x [T, I], in double precision: [T, O]."""
    w = {name.removeprefix("rnn_cell."): value for name, value in weights.items()}
    linear = lambda name, v: v @ w[name + ".weight"].T + w[name + ".bias"]
    mixed = known["mixed_memory"] == "true"
    layers = sorted({name.split(".")[0] for name in w if name.startswith("layer_")}, key=lambda n: int(n[6:]))
    sizes = [len(w[f"{layer}.ff1.bias"]) for layer in layers]
    size = int(known.get("units", known.get("hidden_size", 0)))
    h, c = torch.zeros(size, dtype=torch.float64), torch.zeros(size, dtype=torch.float64)
    result = []
    for input, dt in zip(x, timespans):
        if mixed:
            z = linear("lstm.input_map", input) + w["lstm.recurrent_map.weight"] @ h
            i, ig, fg, og = z.chunk(4)
            c = c * torch.sigmoid(fg + 1) + torch.tanh(i) * torch.sigmoid(ig)
            h = torch.tanh(c) * torch.sigmoid(og)
        if known["cell"] == "ltc":
            out, h = ltc_step(known, w, input, h, dt)
        elif known["cell"] == "cfc":
            out = h = cfc_step(known, w, "", input, h, dt)
        else:
            parts = []
            out = input
            for layer, before in zip(layers, h.split(sizes)):
                out = cfc_step(known, w, layer + ".", out, before, dt)
                parts.append(out)
            h = torch.cat(parts)
        result.append(linear("fc", out) if "fc.weight" in w else out)
    return torch.stack(result)


def cfc_step(known, w, prefix, input, h, dt):
    """The state after a step of a CfC cell."""

    def head(name, masked):
        weight = w[f"{prefix}{name}.weight"]
        if masked and f"{prefix}sparsity_mask" in w:
            weight = weight * w[f"{prefix}sparsity_mask"]
        return weight @ v + w[f"{prefix}{name}.bias"]

    v = torch.cat([input, h])
    layers = {int(name.split(".")[1]) for name in w if name.startswith(f"{prefix}backbone.")}
    for i in sorted(layers):
        v = FUNCTIONS[known["activation"]](w[f"backbone.{i}.weight"] @ v + w[f"backbone.{i}.bias"])
    ff1 = head("ff1", True)
    if known["mode"] == "pure":
        a, w_tau = w[f"{prefix}A"].flatten(), w[f"{prefix}w_tau"].flatten()
        return a - a * torch.exp(-dt * (w_tau.abs() + ff1.abs())) * ff1
    ff1, ff2 = torch.tanh(ff1), torch.tanh(head("ff2", True))
    gate = torch.sigmoid(head("time_a", False) * dt + head("time_b", False))
    return ff1 + gate * ff2 if known["mode"] == "no_gate" else ff1 * (1 - gate) + gate * ff2


def ltc_step(known, w, input, v, dt):
    """The output and the state after a step of an LTC cell."""

    def mapped(value, name):
        value = value * w[f"{name}_w"] if f"{name}_w" in w else value
        return value + w[f"{name}_b"] if f"{name}_b" in w else value

    def currents(prefix, pre):
        gate = torch.sigmoid(w[f"{prefix}sigma"] * (pre.unsqueeze(-1) - w[f"{prefix}mu"]))
        open = positive(w[f"{prefix}w"]) * gate * w[f"{prefix}sparsity_mask"]
        return (open * w[f"{prefix}erev"]).sum(0), open.sum(0)

    implicit = known["implicit_param_constraints"] == "true"
    positive = nn.functional.softplus if implicit else lambda value: value
    unfolds = int(known["ode_unfolds"])
    sensory, sensory_open = currents("sensory_", mapped(input, "input"))
    cm, gleak = positive(w["cm"]) / (dt / unfolds), positive(w["gleak"])
    for _ in range(unfolds):
        current, open = currents("", v)
        numerator = cm * v + gleak * w["vleak"] + current + sensory
        v = numerator / (cm + gleak + open + sensory_open + float(known["epsilon"]))
    return mapped(v[: int(known["output_size"])], "output"), v
