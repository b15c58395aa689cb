from harborapi.exceptions import NotFound, PreconditionFailed
from harborapi.models import UserCreationReq, UserGroup, UserProfile

from story import PROJECT, Story, connect, holds, id_in, refused, same

USER = "wilma"
GROUP, RENAMED_GROUP = "carpenters", "joiners"
# A group that an OpenID provider tells of.
PROVIDER_GROUP = 3
DEVELOPER, MAINTAINER = 2, 4


async def tell(story: Story) -> None:
    user_id = await _tell_users(story)
    await _tell_members(story)
    with story.check("deleteUser"):
        await story.api.delete_user(user_id)
        with refused(NotFound):
            await story.api.get_user(user_id)
    await _tell_groups(story)


async def _tell_users(story: Story) -> int:
    api, check = story.api, story.check
    user_id = 0

    with check("createUser"):
        user = UserCreationReq(username=USER, email="wilma@example.com", realname="Wilma", password="First-Password-1")
        user_id = id_in(await api.create_user(user))
    with check("listUsers"):
        [listed] = await api.get_users(query=f"username={USER}")
        same("user_id", listed.user_id, user_id)
    with check("searchUsers"):
        [found] = await api.search_users_by_username(USER[:3])
        same("user_id", found.user_id, user_id)
    with check("updateUserProfile"):
        await api.update_user(user_id, UserProfile(email="wilma@example.com", realname="Wilma Wright"))
    with check("getUser"):
        read = await api.get_user(user_id)
        same("username", read.username, USER)
        same("realname", read.realname, "Wilma Wright")
    with check("setUserSysAdmin"):
        await api.set_user_admin(user_id, True)
        same("sysadmin_flag", (await api.get_user(user_id)).sysadmin_flag, True)
    with check("updateUserPassword"):
        await api.set_user_password(user_id, "Second-Password-2")
        herself = connect(USER, "Second-Password-2")
        same("the name of the one with the password", (await herself.get_current_user()).username, USER)
        await herself.client.aclose()
    with check("getCurrentUserInfo"):
        current = await api.get_current_user()
        same("username", current.username, "admin")
        same("sysadmin_flag", current.sysadmin_flag, True)
    with check("getCurrentUserPermissions"):
        permissions = await api.get_current_user_permissions(f"/project/{story.project_id}", relative=True)
        holds(
            "an administrator may push",
            ("repository", "push") in [(each.resource, each.action) for each in permissions],
        )
    with check("setCliSecret"), refused(PreconditionFailed):
        await api.set_user_cli_secret(user_id, "Cli-Secret-3")
    return user_id


async def _tell_members(story: Story) -> None:
    api, check = story.api, story.check
    member_id = 0

    with check("createProjectMember"):
        member_id = id_in(await api.add_project_member_user(PROJECT, USER, DEVELOPER))
    with check("listProjectMembers"):
        [listed] = await api.get_project_members(PROJECT, entity_name=USER)
        same("id", listed.id, member_id)
        same("role_name", listed.role_name, "developer")
    with check("updateProjectMember"):
        await api.update_project_member_role(PROJECT, member_id, MAINTAINER)
    with check("getProjectMember"):
        member = await api.get_project_member(PROJECT, member_id)
        same("entity_name", member.entity_name, USER)
        same("entity_type", member.entity_type, "u")
        same("role_name", member.role_name, "maintainer")
    with check("deleteProjectMember"):
        await api.remove_project_member(PROJECT, member_id)
        with refused(NotFound):
            await api.get_project_member(PROJECT, member_id)


async def _tell_groups(story: Story) -> None:
    api, check = story.api, story.check
    group_id = 0

    with check("createUserGroup"):
        group_id = id_in(await api.create_usergroup(UserGroup(group_name=GROUP, group_type=PROVIDER_GROUP)))
    with check("listUserGroups"):
        [listed] = await api.get_usergroups(group_name=GROUP)
        same("id", listed.id, group_id)
    with check("searchUserGroups"):
        [found] = await api.search_usergroups(GROUP[:3])
        same("group_name", found.group_name, GROUP)
    with check("updateUserGroup"):
        await api.update_usergroup(group_id, UserGroup(group_name=RENAMED_GROUP, group_type=PROVIDER_GROUP))
    with check("getUserGroup"):
        group = await api.get_usergroup(group_id)
        same("group_name", group.group_name, RENAMED_GROUP)
        same("group_type", group.group_type, PROVIDER_GROUP)
    with check("deleteUserGroup"):
        await api.delete_usergroup(group_id)
        with refused(NotFound):
            await api.get_usergroup(group_id)
