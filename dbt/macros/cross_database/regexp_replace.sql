{% macro regexp_replace(expression, pattern, replacement) -%}
    {#- A text with every match of a regular expression (RE2) replaced; DuckDB replaces only the first without 'g'. -#}
    {{ return(adapter.dispatch('regexp_replace')(expression, pattern, replacement)) }}
{%- endmacro %}

{% macro duckdb__regexp_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro bigquery__regexp_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, r'{{ pattern }}', '{{ replacement }}')
{%- endmacro %}
