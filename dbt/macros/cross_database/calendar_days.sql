{% macro calendar_days(first_day, last_day) -%}
    {#- A query of one column, full_date: every day from the first to the last, both included. -#}
    {{ return(adapter.dispatch('calendar_days')(first_day, last_day)) }}
{%- endmacro %}

{% macro duckdb__calendar_days(first_day, last_day) -%}
    select cast(day as date) as full_date
    from generate_series(cast('{{ first_day }}' as date), cast('{{ last_day }}' as date), interval 1 day) as days (day)
{%- endmacro %}

{% macro bigquery__calendar_days(first_day, last_day) -%}
    select full_date
    from unnest(generate_date_array(cast('{{ first_day }}' as date), cast('{{ last_day }}' as date))) as full_date
{%- endmacro %}
