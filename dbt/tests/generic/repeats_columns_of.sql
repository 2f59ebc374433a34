{% test repeats_columns_of(model, compare_to, columns) %}
    {#-
        What the table repeats of another one is what that one says: the values of `columns` (a list, or a mapping
        from the names here to the names there) stand together in one of its rows. Null equals null.
    -#}
    select {{ columns | join(', ') }}
    from {{ model }}
    {{ dbt.except() }}
    select {{ (columns.values() if columns is mapping else columns) | join(', ') }}
    from {{ compare_to }}
{% endtest %}
