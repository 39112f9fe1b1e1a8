"""The numbers of the siege: what the server has, how many come, how long an honest client waits."""

import resource

ADDRESS_SPACE = 1 << 30  # bytes that the server may map in all
MAX_STREAMS = 64
PATIENCE_S = 10  # of an honest client, for one answer
PEACE_S = 5  # in which the honest client is alone, for comparison

# What the server promises, as its documents say.
PERSON_CONNECTIONS = 64
PERSON_RATE, PERSON_BURST = 20, 60
REASON, LABEL, TRIGGER = 1000, 255, 64  # characters of a text


class Crowd:
    """How many connections each attacker makes, by what the server takes in all."""

    def __init__(self, most):
        self.most = most  # of the server
        self.quarter = most // 4  # that one principal may have, who is no person
        self.idle = most + 256
        self.hoarded = self.quarter + most // 16
        self.of_a_person = PERSON_CONNECTIONS + 32
        self.unread = most // 16  # for each of those who do not read
        self.slow = most // 8
        self.fat = most

    def need_files(self):
        """Raises the limit of open files; says what is missing if it cannot be raised far enough."""
        needed = self.idle + self.hoarded + self.of_a_person + 4 * self.unread + self.slow + self.fat + 1000
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < needed:
            return f"--connections {self.most} needs {needed} open files, the limit is {hard}"
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        return None
