"""What stands in for CLIP and LLaMA: a tower and a decoder of four languages, once a seed, shared by all arms."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import CLIPVisionModel, LlamaForCausalLM

from valley_training.data.captions import caption_ids, caption_key, caption_words
from valley_training.data.dialogue import DialogueBatch, Segment, notes_of, pad_batch, tokenize_dialogue
from valley_training.data.pixels import to_pixel_values
from valley_training.data.regions import REGION_NAMES, UNNAMED, region_names
from valley_training.experiments.clips import Clips, clip_times
from valley_training.experiments.ground import Ground
from valley_training.experiments.network import build_network
from valley_training.experiments.questions import KINDS, sample_turns
from valley_training.experiments.told import told_name
from valley_training.loop.checkpoint import read_state
from valley_training.model.config import VisionSizes
from valley_training.stages.contrast import contrastive_loss, learnt_scale
from valley_training.stages.tower import CaptionEncoder, TowerBatch
from valley_training.sticker_training.answers import answer_loss
from valley_training.sticker_training.precision import quick_precision
from valley_training.sticker_world.languages.grammar import NOUNS
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.world.art import THINGS
from valley_training.world.scene import Scene

_CAPTION_WIDTH, _SHARED_WIDTH = 64, 96
_CLIPS_A_BATCH = 64
# Of a clip that is told in words: fewer than are seen, for a picture takes a dozen tokens.
_NOTED_FRAMES = 3


@dataclass(frozen=True)
class Pretrained:
    """A seed's decoder, and what its tower sees in the clips: [N, T, 1 + P, Dv] float16, class feature first."""

    decoder: dict[str, Tensor]
    training: Tensor
    held_out: Tensor


class SmallContrast(nn.Module):
    """A tower that learns as the shipped one does: pictures against captions, and patches against the names of what they
    show. Names are compared with learnt vectors here: there are few, and a text encoder would take half of the time."""

    def __init__(self, sizes: VisionSizes) -> None:
        super().__init__()
        self.tower = CLIPVisionModel(sizes.to_transformers())
        self.caption_encoder = CaptionEncoder(_CAPTION_WIDTH, layers=1)
        self.picture_projection = nn.Linear(sizes.width, _SHARED_WIDTH, bias=False)
        self.caption_projection = nn.Linear(_CAPTION_WIDTH, _SHARED_WIDTH, bias=False)
        self.log_scale = learnt_scale()
        self.names = nn.Sequential(nn.LayerNorm(sizes.width), nn.Linear(sizes.width, len(REGION_NAMES)))
        self.select_layer = sizes.select_layer

    def loss(self, batch: TowerBatch) -> tuple[Tensor, dict[str, float]]:
        with quick_precision(batch.frames.device):
            output = self.tower(pixel_values=to_pixel_values(batch.frames), output_hidden_states=True)
            pictures = self.picture_projection(output.pooler_output)
            captions = self.caption_projection(self.caption_encoder(batch.captions))
            seen = batch.regions != UNNAMED
            # The layer whose features the decoder will read.
            logits = self.names(output.hidden_states[self.select_layer][:, 1:][seen])
        picture_loss, recall = contrastive_loss(pictures, captions, self.log_scale, batch.same)
        target = batch.regions[seen]
        each, thing = nn.functional.cross_entropy(logits.float(), target, reduction="none"), target < len(THINGS)
        # Things and ground weigh the same, however few patches a thing has.
        loss = picture_loss + (each[thing].mean() + each[~thing].mean()) / 2
        return loss, {"recall@1": recall, "named": (logits.argmax(1) == target)[thing].float().mean().item()}


def pretrain(ground: Ground, seed: int) -> Pretrained | None:
    """Tower, decoder and features of a seed, learnt at first use; None when time was up before."""
    folder = ground.folder / f"seed-{seed}"
    seen = look(ground, seed)
    if seen is None or not _learn_language(ground, seed, folder):
        return None
    return Pretrained(read_state(folder / "language.pt")["module"], *seen)


def look(ground: Ground, seed: int) -> tuple[Tensor, Tensor] | None:
    """What a seed's tower sees in the training clips and in the held-out ones; None when time was up while it learnt."""
    contrast = _learn_tower(ground, seed, ground.folder / f"seed-{seed}")
    if contrast is None:
        return None
    return _features(ground, contrast.tower, ground.training), _features(ground, contrast.tower, ground.held_out)


def _learn_tower(ground: Ground, seed: int, folder: Path) -> SmallContrast | None:
    torch.manual_seed(seed)
    contrast = SmallContrast(ground.config.vision)
    make = partial(tower_batch, ground, seed)
    done = ground.learn(folder / "tower", contrast, make, contrast.loss, ground.config.tower.schedule())
    return contrast.eval() if done else None


def _learn_language(ground: Ground, seed: int, folder: Path) -> bool:
    torch.manual_seed(seed)
    decoder = build_network(ground.config, "mean", ground.device).decoder
    make = partial(language_batch, ground, seed)
    schedule = ground.config.language_stage.schedule()
    return ground.learn(folder / "language", decoder, make, partial(_text_loss, decoder), schedule)


def _text_loss(decoder: LlamaForCausalLM, batch: DialogueBatch) -> tuple[Tensor, dict[str, float]]:
    with quick_precision(batch.token_ids.device):
        return answer_loss(decoder, decoder.get_input_embeddings()(batch.token_ids), batch.labels)


def tower_batch(ground: Ground, seed: int, step: int) -> TowerBatch:
    """Some pictures each of some clips, from the step's number alone."""
    rng = random.Random(f"experiments-tower-{seed}-{step}")
    config, clips = ground.config, ground.training
    times = clip_times(config.clips.frames)
    frames, captions, keys, regions = [], [], [], []
    for index in rng.sample(range(len(clips.known)), min(config.tower.clips, len(clips.known))):
        scene = clips.known[index].scene
        for frame in rng.sample(range(len(times)), min(config.tower.pictures, len(times))):
            frames.append(clips.pictures[index, frame])
            captions.append(caption_ids(caption_words(scene, times[frame], rng)))
            keys.append(caption_key(scene, times[frame]))
            regions.append(torch.from_numpy(region_names(scene, times[frame], config.vision.patches_a_side)))
    numbers = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    labels = torch.tensor([numbers[key] for key in keys])
    same = (labels[:, None] == labels[None]) & ~torch.eye(len(keys), dtype=torch.bool)
    return TowerBatch(torch.stack(frames), torch.tensor(captions), same, torch.stack(regions))


def language_batch(ground: Ground, seed: int, step: int) -> DialogueBatch:
    """Clips told in words with dialogues about them, each in one of four languages. Half of the time the words are of the
    dialogue's language, else English: so the decoder learns to read, and what things are called elsewhere."""
    rng = random.Random(f"experiments-language-{seed}-{step}")
    settings, clips = ground.config.language_stage, ground.training
    samples = []
    for _ in range(settings.batch):
        known, code = rng.choice(clips.known), rng.choice(LANGUAGES)
        turns = sample_turns(known, rng, code, settings.turns, KINDS)
        notes = notes_of(_named_in(known.scene, rng.choice((code, "en"))), _NOTED_FRAMES, rng)
        samples.append(tokenize_dialogue(ground.tokenizer, [Segment(turns, notes)]))
    return pad_batch(samples, [[] for _ in samples], ground.tokenizer.token_to_id("<pad>"))


def _named_in(scene: Scene, code: str) -> Scene:
    """The scene with its things named in a language."""
    actors = (replace(one, thing=str(NOUNS[code](told_name(one.thing)))) for one in scene.actors)
    return replace(scene, actors=tuple(actors))


@torch.no_grad()
def _features(ground: Ground, tower: CLIPVisionModel, clips: Clips) -> Tensor:
    """All clips through the tower: a few seconds, so they are not kept on disk."""
    layer, kept = ground.config.vision.select_layer, []
    for part in clips.pictures.split(_CLIPS_A_BATCH):
        with quick_precision(ground.device):
            values = to_pixel_values(part.flatten(0, 1).to(ground.device))
            hidden = tower(pixel_values=values, output_hidden_states=True).hidden_states[layer]
        kept.append(hidden.half().unflatten(0, part.shape[:2]))
    return torch.cat(kept)
