{% macro by_month(column) -%}
    {#- For config(partition_by=...): a table's partitions by the month of a datetime; DuckDB's files have none. -#}
    {{ return(adapter.dispatch('by_month')(column)) }}
{%- endmacro %}

{% macro duckdb__by_month(column) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro bigquery__by_month(column) -%}
    {{ return({'field': column, 'data_type': 'datetime', 'granularity': 'month'}) }}
{%- endmacro %}
