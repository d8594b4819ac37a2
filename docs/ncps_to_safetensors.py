"""Saves a model of ncps (PyTorch) for Elegans: its weights, and what the weights do not tell.

    from ncps_to_safetensors import save
    save(model, "model.safetensors")          # ncps.torch.CfC (with or without a wiring) or LTC

then in Java: Network network = Models.load(Path.of("model.safetensors"));
"""

import json
import struct

import torch

ACTIVATIONS = {"LeCun": "lecun_tanh", "Tanh": "tanh", "ReLU": "relu", "SiLU": "silu", "GELU": "gelu"}


def metadata(model):
    """What Elegans wants to know of an ncps model, all as text."""
    cell = model.rnn_cell
    known = {"input_size": model.input_size, "mixed_memory": str(model.use_mixed).lower()}
    if type(model).__name__ == "LTC":
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
            known.update(activation=ACTIVATIONS[type(cell.backbone[1]).__name__])
    return {name: str(value) for name, value in known.items()}


def save(model, path):
    """Writes the state dict in float32 with the metadata, in the safetensors format."""
    header = {"__metadata__": metadata(model)}
    data = b""
    for name, tensor in model.state_dict().items():
        values = tensor.detach().to("cpu", torch.float32).contiguous()
        chunk = values.numpy().tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(values.shape),
            "data_offsets": [len(data), len(data) + len(chunk)],
        }
        data += chunk
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
