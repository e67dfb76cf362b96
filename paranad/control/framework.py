"""FastAPI, loaded lean: without what describes an API, and without pydantic's first version."""

from pydantic import BaseModel

from paranad.lean import without

# FastAPI asks of each form whether it is of pydantic's first version, and would load that for it: 1.5 MiB.
without("pydantic.v1")
# FastAPI's own models, which take this over from their base, only describe an API: built once one asks for it.
BaseModel.model_config["defer_build"] = True

from fastapi import APIRouter, Body, Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from fastapi.utils import create_model_field

del BaseModel.model_config["defer_build"]

__all__ = [
    "APIRoute",
    "APIRouter",
    "Body",
    "Depends",
    "FastAPI",
    "FileResponse",
    "HTTPException",
    "Header",
    "JSONResponse",
    "Path",
    "Query",
    "Request",
    "RequestValidationError",
    "Response",
    "TelemetryConfig",
    "create_model_field",
]
