from harborapi.exceptions import NotFound
from harborapi.models import Artifact, Label, Repository, Tag

from story import PROJECT, REPOSITORY, Story, holds, id_in, refused, same, the

FULL_NAME = f"{PROJECT}/{REPOSITORY}"
DESCRIPTION = "Copied for the workshop"
LABEL, COLOR = "reviewed", "#0065AB"
TAG = "stable"


async def tell(story: Story) -> None:
    await _tell_labels(story)
    await _tell_artifacts(story)
    await _tell_repositories(story)


async def _tell_labels(story: Story) -> None:
    api, check = story.api, story.check

    with check("CreateLabel"):
        label = Label(name=LABEL, scope="p", project_id=story.project_id)
        story.label_id = id_in(await api.create_label(label))
    with check("ListLabels"):
        [listed] = await api.get_labels(scope="p", project_id=story.project_id)
        same("id", listed.id, story.label_id)
    with check("UpdateLabel"):
        label = Label(name=LABEL, color=COLOR, scope="p", project_id=story.project_id)
        await api.update_label(story.label_id, label)
    with check("GetLabelByID"):
        read = await api.get_label(story.label_id)
        same("name", read.name, LABEL)
        same("color", read.color, COLOR)


async def _tell_artifacts(story: Story) -> None:
    api, check, digest = story.api, story.check, story.digest

    with check("CopyArtifact"):
        location = await api.copy_artifact(PROJECT, REPOSITORY, story.image)
        holds(f"{location} ends with the digest", location.endswith(f"/artifacts/{digest}"))
    with check("createTag"):
        await api.create_artifact_tag(PROJECT, REPOSITORY, digest, Tag(name=TAG))
    with check("listTags"):
        holds("the tag is listed", TAG in await _tags(story))
    with check("listArtifacts"):
        [listed] = await api.get_artifacts(PROJECT, REPOSITORY)
        same("digest", listed.digest, digest)
        holds("it has tags", len(the(listed.tags)) > 0)
    with check("addLabel"):
        await api.add_artifact_label(PROJECT, REPOSITORY, digest, Label(id=story.label_id))
    with check("getArtifact"):
        artifact = await _read(story, TAG)
        same("digest", artifact.digest, digest)
        same("type", artifact.type, "IMAGE")
        same("the number of accessories", len(the(artifact.accessories)), 1)
        same("the labels", [each.id for each in the(artifact.labels)], [story.label_id])
    with check("removeLabel"):
        await api.delete_artifact_label(PROJECT, REPOSITORY, digest, story.label_id)
        holds("there are no labels", not (await _read(story, digest)).labels)
    with check("listAccessories"):
        [accessory] = await api.get_artifact_accessories(PROJECT, REPOSITORY, digest)
        same("type", accessory.type, "signature.notation")
        same("subject_artifact_digest", accessory.subject_artifact_digest, digest)
    with check("getAddition"):
        history = await api.get_artifact_build_history(PROJECT, REPOSITORY, digest)
        holds("the build history has steps", len(history) > 0)
    with check("deleteTag"):
        await api.delete_artifact_tag(PROJECT, REPOSITORY, digest, TAG)
        holds("the tag is gone", TAG not in await _tags(story))


async def _tell_repositories(story: Story) -> None:
    api, check = story.api, story.check

    with check("listRepositories"):
        same("the names", [each.name for each in await api.get_repositories(PROJECT)], [FULL_NAME])
    with check("listAllRepositories"):
        names = [each.name for each in await api.get_repositories(query=f"name={FULL_NAME}")]
        same("the names", names, [FULL_NAME])
    with check("updateRepository"):
        await api.update_repository(PROJECT, REPOSITORY, Repository(description=DESCRIPTION))
    with check("getRepository"):
        repository = await api.get_repository(PROJECT, REPOSITORY)
        same("name", repository.name, FULL_NAME)
        same("artifact_count", repository.artifact_count, 1)
        same("description", repository.description, DESCRIPTION)


async def _read(story: Story, reference: str) -> Artifact:
    return await story.api.get_artifact(PROJECT, REPOSITORY, reference, with_label=True, with_accessory=True)


async def _tags(story: Story) -> list[str | None]:
    return [tag.name for tag in await story.api.get_artifact_tags(PROJECT, REPOSITORY, story.digest)]


async def remove(story: Story) -> None:
    api, check = story.api, story.check

    with check("DeleteLabel"):
        await api.delete_label(story.label_id)
        with refused(NotFound):
            await api.get_label(story.label_id)
    with check("deleteArtifact"):
        await api.delete_artifact(PROJECT, REPOSITORY, story.digest)
        with refused(NotFound):
            await _read(story, story.digest)
    with check("deleteRepository"):
        await api.copy_artifact(PROJECT, REPOSITORY, story.image)
        await api.delete_repository(PROJECT, REPOSITORY)
        with refused(NotFound):
            await api.get_repository(PROJECT, REPOSITORY)
