"""Grant Django's permissions by the offices held today; django-rules asks these predicates whenever a page does."""

import rules

from governance.models import User
from governance.policies.releases import office_to_sign_by


@rules.predicate
def holds_an_office_that_signs(user: User) -> bool:
    """Say whether the account's person holds, today, an office that signs releases."""
    return office_to_sign_by(user) is not None


# A night installs and runs packages: only who answers for releases, and administrators, whom Django always lets.
GRANTS = {
    "benchmarks_runner.run_night": holds_an_office_that_signs,
    "governance.add_release": holds_an_office_that_signs,
}


def register() -> None:
    """Make the grants known; a second call changes nothing."""
    for permission, predicate in GRANTS.items():
        rules.set_perm(permission, predicate)
