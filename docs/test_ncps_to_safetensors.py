"""Tests of ncps_to_safetensors.py, by unittest; they need torch, ncps and safetensors."""

import copy
import os
import sys
import tempfile
import unittest

import torch
from ncps.torch import LTC, CfC
from ncps.wirings import AutoNCP, FullyConnected, Random
from safetensors import safe_open
from torch import nn

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ncps_to_safetensors import metadata, save


def saved(model):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.safetensors")
        save(model, path)
        with safe_open(path, "pt") as file:
            return file.metadata(), {name: file.get_tensor(name) for name in file.keys()}


class Saved(unittest.TestCase):
    """Each of these is saved only if the equations give its outputs."""

    def test_every_kind(self):
        for mode in ("default", "no_gate", "pure"):
            for mixed in (False, True):
                for projection in (None, 3):
                    options = dict(mode=mode, mixed_memory=mixed, proj_size=projection)
                    saved(CfC(5, 16, **options))
                    saved(CfC(5, 16, backbone_layers=0, batch_first=False, **options))
                    saved(CfC(5, 16, backbone_layers=3, backbone_dropout=0.5, return_sequences=False, **options))
                    saved(CfC(5, AutoNCP(20, 3), **options))
        for activation in ("lecun_tanh", "tanh", "relu", "silu", "gelu"):
            self.assertEqual(saved(CfC(5, 16, activation=activation))[0]["activation"], activation)
        for wiring in (AutoNCP(20, 3), FullyConnected(8), Random(9, 4, 0.5)):
            for mapping in ("affine", "linear", None):
                for implicit in (False, True):
                    for mixed in (False, True):
                        saved(
                            LTC(
                                5,
                                copy.deepcopy(wiring),
                                input_mapping=mapping,
                                output_mapping=mapping,
                                implicit_param_constraints=implicit,
                                mixed_memory=mixed,
                                ode_unfolds=4,
                            )
                        )

    def test_the_tensors_are_those_of_the_state_dict(self):
        for model in (CfC(5, 16, proj_size=2, mixed_memory=True), CfC(5, AutoNCP(20, 3)), LTC(5, AutoNCP(20, 3))):
            tensors = saved(model)[1]
            self.assertEqual(set(tensors), set(model.state_dict()))
            for name, value in model.state_dict().items():
                self.assertTrue(torch.equal(tensors[name], value), name)

    def test_subclasses(self):
        class MyCfC(CfC):
            pass

        class MyLTC(LTC):
            pass

        self.assertEqual(saved(MyCfC(5, 16))[0]["cell"], "cfc")
        self.assertEqual(saved(MyLTC(5, AutoNCP(20, 3)))[0]["cell"], "ltc")

    def test_wrappers(self):
        model = CfC(5, 16)
        for wrapped in (torch.compile(model), nn.DataParallel(model), nn.DataParallel(torch.compile(model))):
            self.assertEqual(set(saved(wrapped)[1]), set(model.state_dict()))
        self.assertEqual(saved(torch.compile(LTC(5, AutoNCP(20, 3))))[0]["cell"], "ltc")

    def test_the_tanh_form_of_gelu(self):
        model = CfC(5, 16, activation="gelu")
        model.rnn_cell.backbone[1] = nn.GELU(approximate="tanh")
        self.assertEqual(metadata(model)["activation"], "gelu_tanh")
        saved(model)

    def test_weight_norm_is_saved_as_the_weights_it_makes(self):
        for normalise in (nn.utils.parametrizations.weight_norm, nn.utils.weight_norm):
            model = CfC(5, 16)
            before = model.rnn_cell.ff1.weight.detach().clone()
            normalise(model.rnn_cell.ff1)
            tensors = saved(model)[1]
            self.assertTrue(torch.allclose(tensors["rnn_cell.ff1.weight"], before, atol=1e-6))

    def test_other_precisions(self):
        for dtype in (torch.float64, torch.bfloat16):
            saved(CfC(5, 16).to(dtype))

    def test_the_mode_of_training_stays(self):
        model = CfC(5, 16, backbone_layers=2, backbone_dropout=0.5)
        model.rnn_cell.backbone[1].eval()
        saved(model)
        self.assertTrue(model.training)
        self.assertFalse(model.rnn_cell.backbone[1].training)


class Refused(unittest.TestCase):
    def refuse(self, kind, model, *words):
        with self.assertRaises(kind) as refusal, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.safetensors")
            try:
                save(model, path)
            finally:
                self.assertEqual(os.listdir(folder), [])
        for word in words:
            self.assertIn(word, str(refusal.exception))

    def test_other_activations(self):
        model = CfC(5, 16, backbone_layers=2, backbone_units=8)
        model.rnn_cell.backbone[3] = nn.ReLU()
        self.refuse(ValueError, model, "lecun_tanh, relu")
        model.rnn_cell.backbone[3] = nn.ELU()
        self.refuse(ValueError, model, "ELU")

    def test_overridden_methods(self):
        class Doubled(CfC):
            def forward(self, *arguments, **options):
                out, state = super().forward(*arguments, **options)
                return 2 * out, state

        self.refuse(ValueError, Doubled(5, 16), "Doubled", "differ by")

    def test_replaced_parts(self):
        model = CfC(5, 16)
        model.rnn_cell.tanh = nn.Hardtanh()
        model.rnn_cell.ff1.weight.data *= 10
        self.refuse(ValueError, model, "differ by")
        model = CfC(5, 16, proj_size=2)
        model.fc = nn.Sequential(model.fc, nn.ReLU())
        self.refuse(ValueError, model, "2 outputs instead of 16")
        model = LTC(5, AutoNCP(20, 3))
        model.rnn_cell.make_positive_fn = nn.ReLU()
        self.refuse(ValueError, model, "differ by")

    def test_bigger_modules(self):
        class Encoder(nn.Module):
            def __init__(self):
                super().__init__()
                self.rnn = CfC(5, 16)
                self.head = nn.Linear(16, 2)

        self.refuse(TypeError, Encoder(), "Encoder", "save(model.get_submodule('rnn'), path)")

        class Wrapper(nn.Module):
            def __init__(self):
                super().__init__()
                self.module = CfC(5, 16)
                self.head = nn.Linear(16, 2)

        self.refuse(TypeError, Wrapper(), "Wrapper", "'module'")
        self.refuse(TypeError, nn.ModuleList([CfC(5, 16)]), "ModuleList", "'0'")
        self.refuse(TypeError, nn.Linear(3, 4), "Linear")
        self.refuse(TypeError, {"a": 1}, "dict")


if __name__ == "__main__":
    unittest.main()
