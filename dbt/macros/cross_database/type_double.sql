{% macro type_double() -%}
    {#- A 64-bit float; dbt.type_float has 32 bits on DuckDB. -#}
    {{ return(adapter.dispatch('type_double')()) }}
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}

{% macro bigquery__type_double() -%}
    float64
{%- endmacro %}
