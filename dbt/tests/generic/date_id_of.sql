{% test date_id_of(model, column_name, date_column) %}
    {#- The column is the day of the date or timestamp as the integer YYYYMMDD, and null exactly where there is no date. -#}
    select {{ column_name }}, {{ date_column }}
    from {{ model }}
    where coalesce({{ column_name }}, 0)
        <> coalesce(cast({{ format_date('cast(' ~ date_column ~ ' as date)', '%Y%m%d') }} as int64), 0)
{% endtest %}
