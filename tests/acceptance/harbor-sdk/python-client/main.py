"""Calls a server through the package harborapi, which validates each answer with its models.

    main.py OPERATION...

Tells one story, in which everything that is read was made before, and checks the operations that are named. Each is one
line, `ok ID` or `not ok ID: why`, or `unknown ID` where harborapi has no call for it; the last line counts. The
environment says where: HARBOR_URL, HARBOR_USERNAME and HARBOR_PASSWORD of an administrator, and HARBOR_IMAGE,
`project/repository@digest` of an image that is there, that has a build history and that something refers to.
"""

import asyncio
import os
import sys

import artifacts
import collection
import people
import projects
import records
import robots
import scans
import system
from story import Story, connect


async def main() -> int:
    api = connect(os.environ["HARBOR_USERNAME"], os.environ["HARBOR_PASSWORD"])
    story = Story(api, asked=sys.argv[1:], image=os.environ["HARBOR_IMAGE"])
    await system.tell(story)
    await projects.tell(story)
    await people.tell(story)
    await robots.tell(story)
    await artifacts.tell(story)
    await scans.tell(story)
    await collection.tell(story)
    await records.tell(story)
    await artifacts.remove(story)
    await projects.remove(story)
    await api.client.aclose()
    return 0 if story.end() else 1


sys.exit(asyncio.run(main()))
