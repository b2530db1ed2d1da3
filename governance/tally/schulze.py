"""Schulze's method: who reaches whom by the stronger path of defeats."""

from __future__ import annotations

from dataclasses import replace

from governance.tally.ballots import Ballots
from governance.tally.outcome import Outcome
from governance.tally.pairwise import Matrix, Strength, Unranked, as_pairwise, defeats, levels, preferred


def schulze(ballots: Ballots, unranked: Unranked = "excluded", strength: Strength = "winning") -> Outcome:
    """Order candidates by strongest paths (Schulze 2011); ties stay ties.

    Cost: the cube of the number of candidates, after the pairs are counted.
    """
    matrix = preferred(ballots, unranked)
    paths, via = strongest_paths(defeats(matrix, strength))
    size = range(len(matrix))
    beats = [[paths[a][b] > paths[b][a] for b in size] for a in size]
    shown = replace(
        as_pairwise(ballots.candidates, matrix), strengths=tuple(map(tuple, paths)), via=tuple(map(tuple, via))
    )
    return Outcome(levels(beats), beats=beats, pairwise=shown)


def strongest_paths(direct: Matrix) -> tuple[Matrix, list[list[int | None]]]:
    """Find, for each pair, the path whose weakest defeat is strongest, and each path's last step but one."""
    paths = [list(row) for row in direct]
    size = len(paths)
    via: list[list[int | None]] = [[a if direct[a][b] else None for b in range(size)] for a in range(size)]
    for middle in range(size):
        onward, onward_via = paths[middle], via[middle]
        for start in range(size):
            if start == middle or not paths[start][middle]:
                continue
            row, reach = paths[start], paths[start][middle]
            for end in range(size):
                strength = min(reach, onward[end])
                if end != start and strength > row[end]:
                    row[end] = strength
                    via[start][end] = onward_via[end]
    return paths, via
