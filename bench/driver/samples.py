"""All figures of all rounds, by system, shape and number of clients."""

import statistics


class Samples:
    def __init__(self):
        self._values = {}

    def add(self, system, shape, clients, figures):
        for name, value in figures.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                self._values.setdefault((system, shape, clients), {}).setdefault(name, []).append(value)

    def all(self, system, shape, clients, figure="units_per_s"):
        return self._values.get((system, shape, clients), {}).get(figure, [])

    def median(self, system, shape, clients, figure="units_per_s"):
        """None when it was not measured."""
        values = self.all(system, shape, clients, figure)
        return statistics.median(values) if values else None

    def by_clients(self, system, shape, figure="units_per_s"):
        """The medians, by number of clients."""
        return {key[2]: self.median(*key, figure) for key in sorted(self._values)
                if key[:2] == (system, shape) and self.all(*key, figure)}

    def best_clients(self, system, shape):
        """Numbers of clients, the one with the largest median first."""
        medians = self.by_clients(system, shape)
        return sorted(medians, key=medians.get, reverse=True)

    def systems(self, shape):
        return sorted({key[0] for key in self._values
                       if key[1] == shape and self.all(*key)})

    def keys(self):
        """(system, shape, clients) of all that was measured."""
        return sorted(self._values)

    def has(self, system, shape, clients):
        return (system, shape, clients) in self._values

    @classmethod
    def from_json(cls, groups):
        samples = cls()
        for group in groups:
            key = (group["system"], group["shape"], group["clients"])
            samples._values[key] = {name: values for name, values in group.items()
                                    if isinstance(values, list)}
        return samples

    def as_json(self):
        return [{**figures, "system": system, "shape": shape, "clients": clients}
                for (system, shape, clients), figures in sorted(self._values.items())]
