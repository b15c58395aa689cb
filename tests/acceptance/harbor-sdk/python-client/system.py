from harborapi.models import Configurations, CVEAllowlist, CVEAllowlistItem

from story import Story, holds, same, the

BANNER = "Closed on Sunday"


async def tell(story: Story) -> None:
    api, check = story.api, story.check

    with check("getPing"):
        same("the answer", await api.ping(), "Pong")
    with check("getHealth"):
        health = await api.health_check()
        same("status", health.status, "healthy")
        holds("there are components", len(the(health.components)) > 0)
    with check("updateConfigurations"):
        await api.update_config(Configurations(banner_message=BANNER))
    with check("getConfigurations"):
        settings = await api.get_config()
        same("auth_mode", the(settings.auth_mode).value, "db_auth")
        same("banner_message", the(settings.banner_message).value, BANNER)
    with check("getSystemInfo"):
        info = await api.get_system_info()
        holds("harbor_version begins with v2", the(info.harbor_version).startswith("v2"))
        same("banner_message", info.banner_message, BANNER)
    with check("getVolumes"):
        volumes = await api.get_system_volume_info()
        same("the number of volumes", len(the(volumes.storage)), 1)
    with check("getCert"):
        # harborapi hands over what was sent as a file, whatever its status.
        sent = await api.get_system_certificate()
        same("the status", sent.response.status_code, 404)
        holds("the certificate is what is missing", b"resource not found" in sent.content)
    with check("putSystemCVEAllowlist"):
        await api.update_cve_allowlist(CVEAllowlist(items=[CVEAllowlistItem(cve_id="CVE-2026-0001")]))
    with check("getSystemCVEAllowlist"):
        allowlist = await api.get_cve_allowlist()
        same("the items", [item.cve_id for item in the(allowlist.items)], ["CVE-2026-0001"])
    with check("getPermissions"):
        permissions = await api.get_permissions()
        holds("there are system permissions", len(the(permissions.system)) > 0)
        holds("there are project permissions", len(the(permissions.project)) > 0)
