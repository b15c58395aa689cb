from harborapi.exceptions import NotFound
from harborapi.models import ProjectMetadata, ProjectReq

from story import PROJECT, Story, refused, same, the

KEY = "auto_scan"


async def tell(story: Story) -> None:
    api, check = story.api, story.check

    with check("createProject"):
        public = ProjectMetadata(public="true")
        location = await api.create_project(ProjectReq(project_name=PROJECT, metadata=public))
        # harborapi asks for the name in the place of the id.
        same("Location", location, f"/api/v2.0/projects/{PROJECT}")
    with check("headProject"):
        same("that the project exists", await api.project_exists(PROJECT), True)
        same("that another project exists", await api.project_exists("nowhere"), False)
    with check("listProjects"):
        # One to a page, so that harborapi has to find the next page by its link.
        *others, listed = await api.get_projects(sort="creation_time", page_size=1)
        same("the number of other projects", len(others), 2)
        story.project_id = the(listed.project_id)
        same("name", listed.name, PROJECT)
        same("public", the(listed.metadata).public, "true")
    with check("updateProject"):
        await api.update_project(PROJECT, ProjectReq(metadata=ProjectMetadata(public="false")))
    with check("getProject"):
        project = await api.get_project(PROJECT)
        same("project_id", project.project_id, story.project_id)
        same("owner_name", project.owner_name, "admin")
        same("public", the(project.metadata).public, "false")
    await _tell_metadata(story)


async def _tell_metadata(story: Story) -> None:
    api, check = story.api, story.check

    with check("addProjectMetadatas"):
        await api.set_project_metadata(PROJECT, ProjectMetadata(auto_scan="true"))
    with check("getProjectMetadata"):
        same("the entry", await api.get_project_metadata_entry(PROJECT, KEY), {KEY: "true"})
    with check("updateProjectMetadata"):
        await api.update_project_metadata_entry(PROJECT, KEY, {KEY: "false"})
    with check("listProjectMetadatas"):
        metadata = await api.get_project_metadata(PROJECT)
        same(KEY, metadata.auto_scan, "false")
        same("public", metadata.public, "false")
    with check("deleteProjectMetadata"):
        await api.delete_project_metadata_entry(PROJECT, KEY)
        with refused(NotFound):
            await api.get_project_metadata_entry(PROJECT, KEY)


async def remove(story: Story) -> None:
    with story.check("deleteProject"):
        await story.api.delete_project(PROJECT)
        same("that the project exists", await story.api.project_exists(PROJECT), False)
