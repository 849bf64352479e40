"""What happens to files that are sent along with a form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from tempfile import TemporaryFile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]


class NoUploads(FileUploadHandler):
    """Most pages take no file, so none is kept, not even for a moment: anybody can send one to the sign-in page."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


class OneFile(FileUploadHandler):
    """Keeps the one file of the field of that name, below /tmp, and nothing of one that is larger than `most`: what
    follows is read and thrown away, for a browser that is cut off does not show the page that says why."""

    file: UploadedFile  # only once one has begun: what Django closes in the end it knows by that name

    def __init__(self, request: HttpRequest, *, field: str, most: int) -> None:
        super().__init__(request)
        self.field, self.most = field, most
        self.keeps = self.too_large = False

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        # Another one is passed over in silence: were it skipped by SkipFile, Django would close the first.
        self.keeps = field_name == self.field and not hasattr(self, "file")
        if self.keeps:
            self.file = UploadedFile(TemporaryFile(prefix="cait-upload-"), self.file_name)  # noqa: SIM115

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > self.most:
            self.too_large = True
            raise StopUpload(connection_reset=False)
        if self.keeps:
            self.file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self.keeps:
            return None
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()


def takes_a_file(field: str, *, most: int, allowed: Callable[[Any], None]) -> Callable[[View], View]:
    """For a view whose form has one file, of at most so many bytes. `allowed` raises where whoever is signed in may
    not send one: it is asked before the first byte of what they send is read.

    The check against forged forms reads the body, so it comes after that, and not where the middleware makes it.
    """

    def decorate(view: View) -> View:
        checked = csrf_protect(view)

        @wraps(view)
        def with_its_handler(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                allowed(request)
                request.upload_handlers = [OneFile(request, field=field, most=most)]
            return checked(request, *args, **kwargs)

        return csrf_exempt(with_its_handler)

    return decorate


def was_too_large(request: HttpRequest) -> bool:
    """Whether the file that was sent is larger than its page takes, so that nothing of it was kept."""
    return any(getattr(handler, "too_large", False) for handler in request.upload_handlers)
