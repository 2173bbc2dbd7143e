"""What services return and widgets take: frozen read models of the class, without a thought of the database.

Texts of labels and groups are as people typed them: Japanese with furigana as {漢字|かんじ}, not escaped.
"""
