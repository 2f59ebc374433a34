{% macro median_over(expression, partition_by) -%}
    {#- Exact median of a group, as a window function: BigQuery has no exact median that aggregates. -#}
    {{ return(adapter.dispatch('median_over')(expression, partition_by)) }}
{%- endmacro %}

{% macro duckdb__median_over(expression, partition_by) -%}
    median({{ expression }}) over (partition by {{ partition_by }})
{%- endmacro %}

{% macro bigquery__median_over(expression, partition_by) -%}
    percentile_cont({{ expression }}, 0.5) over (partition by {{ partition_by }})
{%- endmacro %}
