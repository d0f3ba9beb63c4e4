"""Sound, head pose and an emotion to the expression of the key points (A2KP)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from emoanim.engines.eat.audio_branch import AudioEncoder, PitchNetwork
from emoanim.engines.eat.blocks import PositionTable, PromptedLayer, extractor
from emoanim.engines.keypoint_renderer.renderer import Modulation

__all__ = ["WINDOW", "Expression", "KeypointTransformer"]

WINDOW = 11
_WIDTH = 128
_LAYERS = 6
_CENTRE = 5


class Expression(NamedTuple):
    """What the transformer says of n frames.

    Attributes:
        pca_coeff: (n, 32).
        face_feature_map: (1 or n, 32, 64, 64), for the deformation network.
        hp_token: (n, 128).
        f0_feature: (n, 256, 10, 11).
    """

    pca_coeff: Tensor
    face_feature_map: Tensor
    hp_token: Tensor
    f0_feature: Tensor


class _Stack(nn.Module):
    """Layers with deep prompts: the last token is overwritten by the next prompt after each."""

    def __init__(self, *, decodes: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleList(PromptedLayer(decodes=decodes) for _ in range(_LAYERS))
        if decodes:
            self.norm = nn.LayerNorm(_WIDTH)

    def forward(self, x: Tensor, prompts: Tensor, memory: Tensor | None = None) -> Tensor:
        for i, layer in enumerate(self.layers):
            x = layer(x, memory)
            if i + 1 < len(self.layers):
                following = prompts[:, i + 1 : i + 2].expand(len(x), -1, -1)
                x = torch.cat((x[:, :-1], following), 1)
        out: Tensor = x if memory is None else self.norm(x)
        return out


class _Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = _Stack(decodes=False)
        self.decoder = _Stack(decodes=True)


class KeypointTransformer(nn.Module):
    """EAT's audio-to-key-point transformer; frames do not see each other."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(41, 256)  # part of the checkpoint, not evaluated
        self.face_shrink = nn.Linear(15 * 16, 32)
        self.hp_extractor = nn.Linear(45, _WIDTH)
        self.pos_enc = PositionTable()
        slopes = [nn.LeakyReLU(0.02) for _ in range(4)]
        widths = ((29, 32), (32, 32), (32, 64), (64, 64))
        steps: list[nn.Module] = []
        for (cin, cout), slope in zip(widths, slopes, strict=True):
            steps += [nn.Conv1d(cin, cout, 3, 2, 1), slope]
        self.audio_embedding = nn.Sequential(*steps)
        self.encoder_fc1 = nn.Sequential(
            nn.Linear(192, _WIDTH), nn.LeakyReLU(0.02), nn.Linear(_WIDTH, _WIDTH)
        )
        self.audio_embedding2 = nn.Sequential(
            nn.Conv2d(1, 8, (3, 17), padding=(1, 0)),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 32, 13, padding=6),
        )
        self.audioencoder = AudioEncoder()
        self.fea = Modulation()
        self.decodefeature_extract = extractor(64, 32, 48, 64, 96, 128)
        self.feature_extract = extractor(1, 32, 64, 128, 128, 128)
        self.transformer = _Transformer()
        self.kp = nn.Linear(_WIDTH, 32)
        self.f0_model = PitchNetwork()

    def forward(
        self,
        mels: Tensor,
        poses: Tensor,
        deep: Tensor,
        head: Tensor,
        face: Tensor,
        prompt: Tensor,
        deep_prompts: Tensor,
    ) -> Expression:
        """Compute the expression of n frames.

        Args:
            mels: (n, 1, 80, 11), columns are the window's frames.
            poses: (n, 11, 1, 64, 64), drawn head poses.
            deep: (n, 11, 16, 29), DeepSpeech features.
            head: (n, 45), head pose numbers.
            face: (1 or n, 15, 16, 64, 64), the key-point detector's raw map: one face for all
                frames, or one for each.
            prompt: (1, 128).
            deep_prompts: (1, 6, 128).
        """
        count, window = poses.shape[:2]
        head_token = self.hp_extractor(head)
        sound = self.audio_embedding(deep.flatten(0, 1).transpose(1, 2)).flatten(1)
        drawn = self.feature_extract(poses.flatten(0, 1)).flatten(1)
        tokens = self.encoder_fc1(torch.cat((drawn, sound), 1)).reshape(count, window, _WIDTH)
        first = deep_prompts[:, :1].expand(count, -1, -1)
        tokens = torch.cat((tokens, head_token[:, None], first), 1)
        memory = self.transformer.encoder(self.pos_enc(tokens), deep_prompts)
        pitch = self.f0_model(mels)
        styled = self.audioencoder(mels, pitch, prompt)
        styled = self.audio_embedding2(styled.permute(0, 3, 1, 2).flatten(0, 1)[:, None])
        shrunk = functional.linear(
            face.flatten(1, 2).movedim(1, -1), self.face_shrink.weight, self.face_shrink.bias
        )
        feature = self.fea(shrunk.movedim(-1, 1), prompt)
        seen = feature.expand(count, -1, -1, -1).repeat_interleave(window, 0)
        both = torch.cat((styled, seen), 1)
        tokens = self.decodefeature_extract(both).reshape(count, window, _WIDTH)
        tokens = torch.cat((tokens, head_token[:, None], first), 1)
        out = self.transformer.decoder(self.pos_enc(tokens), deep_prompts, memory)
        return Expression(self.kp(out[:, _CENTRE]), feature, head_token, pitch)
