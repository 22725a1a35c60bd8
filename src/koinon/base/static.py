"""How stylesheets and scripts are named: by their content, so that a browser may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    """`koinon.css` is served as `koinon.3f2a….css`; `koinon up` writes them into the data folder."""

    manifest_strict = False
