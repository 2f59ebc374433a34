{% macro iso_week(date) -%}
    {#- Week of the year by ISO 8601: weeks begin on Monday, the first one holds 4 January. -#}
    {{ return(adapter.dispatch('iso_week')(date)) }}
{%- endmacro %}

{% macro duckdb__iso_week(date) -%}
    extract(week from {{ date }})
{%- endmacro %}

{% macro bigquery__iso_week(date) -%}
    extract(isoweek from {{ date }})
{%- endmacro %}
