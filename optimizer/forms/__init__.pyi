from .plan_sheets import heading as heading
from .template import header_note as header_note
from .template import template_bytes as template_bytes
from .writing import safe_text as safe_text
