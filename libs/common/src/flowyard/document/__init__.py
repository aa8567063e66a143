"""The native definition: read with places, checked, compiled to a graph, written back."""

from flowyard.document.compiler import check_document, compile_document
from flowyard.document.model import Branch, Document, DocumentNode
from flowyard.document.problems import DocumentError, Problem
from flowyard.document.reader import read_document
from flowyard.document.schema import DOCUMENT_SCHEMA
from flowyard.document.verbatim import UNCHECKED
from flowyard.document.writer import to_yaml

__all__ = [
    "DOCUMENT_SCHEMA",
    "UNCHECKED",
    "Branch",
    "Document",
    "DocumentError",
    "DocumentNode",
    "Problem",
    "check_document",
    "compile_document",
    "read_document",
    "to_yaml",
]
