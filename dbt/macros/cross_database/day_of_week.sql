{% macro day_of_week(date) -%}
    {#- Day of the week from 1 (Sunday) to 7 (Saturday). -#}
    {{ return(adapter.dispatch('day_of_week')(date)) }}
{%- endmacro %}

{% macro duckdb__day_of_week(date) -%}
    (dayofweek({{ date }}) + 1)
{%- endmacro %}

{% macro bigquery__day_of_week(date) -%}
    extract(dayofweek from {{ date }})
{%- endmacro %}
