{% macro to_decimal(value) -%}
    {#- A decimal with two decimals, rounded half away from zero. BigQuery takes no parameters in a cast, so there it
        is any numeric; the cast to nine decimals on DuckDB is what that does to a float. -#}
    {{ return(adapter.dispatch('to_decimal')(value)) }}
{%- endmacro %}

{% macro duckdb__to_decimal(value) -%}
    cast(round(cast({{ value }} as numeric(28, 9)), 2) as numeric(10, 2))
{%- endmacro %}

{% macro bigquery__to_decimal(value) -%}
    round(cast({{ value }} as numeric), 2)
{%- endmacro %}
