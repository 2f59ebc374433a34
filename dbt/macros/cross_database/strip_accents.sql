{% macro strip_accents(expression) -%}
    {#- A text without its accents: são becomes sao. -#}
    {{ return(adapter.dispatch('strip_accents')(expression)) }}
{%- endmacro %}

{% macro duckdb__strip_accents(expression) -%}
    strip_accents({{ expression }})
{%- endmacro %}

{% macro bigquery__strip_accents(expression) -%}
    regexp_replace(normalize({{ expression }}, nfd), r'\pM', '')
{%- endmacro %}
