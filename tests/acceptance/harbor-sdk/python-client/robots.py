from harborapi.exceptions import NotFound, Unauthorized
from harborapi.models import Access, Robot, RobotCreate, RobotPermission

from story import PROJECT, Story, connect, refused, same, the

NAME = f"robot${PROJECT}+builder"
DESCRIPTION = "Builds at night"


async def tell(story: Story) -> None:
    api, check = story.api, story.check
    access = [Access(resource="repository", action="list")]
    permissions = [RobotPermission(kind="project", namespace=PROJECT, access=access)]
    robot_id = 0
    secret = ""

    with check("CreateRobot"):
        created = await api.create_robot(
            RobotCreate(name="builder", level="project", duration=-1, permissions=permissions)
        )
        robot_id, secret = the(created.id), the(created.secret)
        same("name", created.name, NAME)
        await _use(secret)
    with check("ListRobot"):
        [listed] = await api.get_robots(query=f"Level=project,ProjectID={story.project_id}")
        same("id", listed.id, robot_id)
    with check("UpdateRobot"):
        await api.update_robot(
            robot_id,
            Robot(
                id=robot_id,
                name=NAME,
                description=DESCRIPTION,
                level="project",
                duration=-1,
                disable=False,
                permissions=permissions,
            ),
        )
    with check("GetRobotByID"):
        robot = await api.get_robot(robot_id)
        same("description", robot.description, DESCRIPTION)
        same("expires_at", robot.expires_at, -1)
        same("namespaces", [each.namespace for each in the(robot.permissions)], [PROJECT])
    with check("RefreshSec"):
        await api.refresh_robot_secret(robot_id, "Third-Secret-3")
        await _use("Third-Secret-3")
        with refused(Unauthorized):
            await _use(secret)
    with check("DeleteRobot"):
        await api.delete_robot(robot_id)
        with refused(NotFound):
            await api.get_robot(robot_id)


async def _use(secret: str) -> None:
    """Does with the robot's secret what the robot may do, and what nobody may without a login."""
    robot = connect(NAME, secret)
    await robot.get_repositories(PROJECT)
    await robot.client.aclose()
