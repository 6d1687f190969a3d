"""A plan as plain values, for the command line's JSON, and in words, for people."""

from typing import Any

from docqa.core.capacity import Plan
from docqa.services.comparing import Comparison
from docqa.services.planning import Planned

_KIB = 1_024


def plan_json(planned: Planned) -> dict[str, Any]:
    """One object; bytes, tokens and seconds. What is estimated stands under `estimates`."""
    plan = planned.plan
    shape = plan.shape
    return {
        "model": planned.model,
        "architecture": shape.architecture,
        "checkpoint": planned.checkpoint,
        "gpus": str(plan.gpus),
        "fits": plan.fits,
        "problems": list(plan.problems),
        "tokens": plan.tokens,
        "largest_window": plan.context_length,
        "max_tokens": plan.max_tokens,
        "host_tokens": plan.host_tokens,
        "disk_tokens": plan.disk_tokens,
        "kv_bytes_per_token": plan.kv_bytes_per_token,
        "kv_bytes_per_token_global": plan.global_kv_bytes_per_token,
        "kv_bytes_local": plan.local_kv_bytes,
        "kv_precision": plan.kv_precision,
        "layers": {
            "all": shape.layers,
            "global": shape.global_layers,
            "local": shape.local_layers,
            "local_window": shape.local_window,
        },
        "hybrid_pool": shape.hybrid_pool,
        "weights_bytes": plan.weights_bytes,
        "weights_bytes_per_gpu": plan.weights_bytes_per_gpu,
        "weight_precision": plan.weight_precision,
        "parameters": shape.total_parameters,
        "active_parameters": shape.active_parameters,
        "tp_size": plan.layout.tp_size,
        "attention_groups": plan.layout.attention_dp,
        "nodes": plan.gpus.nodes,
        "mem_fraction_static": plan.mem_fraction_static,
        "estimates": {
            "tokens": plan.planned_tokens,
            "prefill_s": plan.prefill_s,
            "warm_first_token_s": plan.warm_first_token_s,
            "decode_s_per_token": plan.decode_s_per_token,
            "assumptions": list(plan.assumptions),
        },
        "notes": list(planned.notes),
        "command": "\n".join(planned.commands),
        "serve": planned.serve_command,
        "compared": [
            {
                "what": row.what,
                "planned": row.planned,
                "reported": row.reported,
                "ratio": row.ratio,
            }
            for row in planned.compared
        ],
    }


def plan_rows(planned: Planned) -> list[tuple[str, str]]:
    """What fits and what it costs, as pairs of a name and a sentence."""
    plan = planned.plan
    rows = [
        ("Model", _model(plan)),
        ("GPUs", _gpus(plan)),
        ("Weights", _weights(plan)),
        ("KV per token", _kv(plan)),
        ("In GPU memory", f"{plan.max_tokens:,} tokens"),
    ]
    rows += [("In host memory", f"{plan.host_tokens:,} tokens")] if plan.host_bytes else []
    rows += [("On disk", f"{plan.disk_tokens:,} tokens")] if plan.disk_bytes else []
    rows.append(("Largest window", f"{plan.context_length:,} tokens"))
    return rows


def verdict(plan: Plan) -> str:
    """Whether it fits, in a sentence."""
    if not plan.fits:
        return "Does not fit: " + "; ".join(plan.problems)
    if plan.tokens:
        return f"{plan.tokens:,} tokens fit"
    return f"Fits, with up to {plan.planned_tokens:,} tokens of documents in the window"


def estimate_rows(plan: Plan) -> list[tuple[str, str]]:
    """The estimated times; none where it does not fit."""
    if not plan.fits:
        return []
    return [
        (f"Reading {plan.planned_tokens:,} tokens once", duration(plan.prefill_s)),
        ("First token of a question, warm", duration(plan.warm_first_token_s)),
        ("Each further token", duration(plan.decode_s_per_token)),
    ]


def comparison_row(row: Comparison) -> tuple[str, str, str, str]:
    """What, planned, reported, and by how much the report differs."""
    ratio = "" if row.ratio is None else f"{row.ratio - 1:+.1%}"
    return row.what, f"{row.planned:,.0f}", f"{row.reported:,.0f}", ratio


def duration(seconds: float) -> str:
    """About how long, in a unit that people read."""
    if seconds < 0.1:
        return f"about {seconds * 1_000:.0f} ms"
    if seconds < 120:
        return f"about {seconds:.1f} s" if seconds < 10 else f"about {seconds:.0f} s"
    minutes = seconds / 60
    return f"about {minutes:.0f} min" if minutes < 120 else f"about {minutes / 60:.1f} h"


def _model(plan: Plan) -> str:
    shape = plan.shape
    text = f"{shape.name}: {_parameters(shape.total_parameters)} parameters"
    if shape.moe_layers:
        text += f" ({_parameters(shape.active_parameters)} active)"
    text += f", {shape.layers} layers"
    if shape.local_layers:
        text += (
            f", {shape.local_layers} of them local ({shape.local_window:,} tokens),"
            f" {shape.global_layers} global"
        )
    return text


def _gpus(plan: Plan) -> str:
    text = f"{plan.gpus}, tensor parallel {plan.layout.tp_size}"
    if plan.layout.attention_dp > 1:
        text += f" in {plan.layout.attention_dp} attention groups"
    return text


def _weights(plan: Plan) -> str:
    text = f"{plan.weights_bytes / 1e9:,.1f} GB in {plan.weight_precision}"
    if plan.layout.tp_size > 1:
        text += f", {plan.weights_bytes_per_gpu / 1e9:,.1f} GB on each GPU"
    return text


def _kv(plan: Plan) -> str:
    text = f"{plan.kv_bytes_per_token / _KIB:,.0f} KiB in {plan.kv_precision}"
    if plan.shape.local_layers:
        text += (
            f" in all layers, {plan.global_kv_bytes_per_token / _KIB:,.0f} KiB in the global ones"
        )
        if plan.shape.hybrid_pool:
            text += f"; the local ones keep a window of {plan.local_kv_bytes / 2**20:,.0f} MiB"
    return text


def _parameters(number: int) -> str:
    return f"{number / 1e9:,.1f}B" if number >= 1e9 else f"{number / 1e6:,.0f}M"
