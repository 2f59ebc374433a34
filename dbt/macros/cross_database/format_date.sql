{% macro format_date(date, format) -%}
    {#- A date as text; of the format's elements only those that mean the same on both engines: %A, %B, %Y, %m, %d. -#}
    {{ return(adapter.dispatch('format_date')(date, format)) }}
{%- endmacro %}

{% macro duckdb__format_date(date, format) -%}
    strftime({{ date }}, '{{ format }}')
{%- endmacro %}

{% macro bigquery__format_date(date, format) -%}
    format_date('{{ format }}', {{ date }})
{%- endmacro %}
